variable "database_url_version" {
  description = "Version of the secret with the database's URL: raise it after a new one was added."
  type        = string
  default     = "1"

  validation {
    condition     = can(regex("^[0-9]+$", var.database_url_version))
    error_message = "Name the version by its number: with latest, a new one would reach no container that runs."
  }
}

variable "firestore" {
  description = "Make a database of Firestore, which speaks MongoDB's protocol, instead of using one whose URL is in the secret."
  type        = bool
  default     = false
}

variable "firestore_location" {
  description = "Where Firestore keeps its data: a region, or eur3 or nam5 for several."
  type        = string
  default     = "eur3"
}

locals {
  database_services    = var.firestore ? ["firestore.googleapis.com"] : []
  database_egress      = length(google_compute_router_nat.egress) == 0 ? "PRIVATE_RANGES_ONLY" : "ALL_TRAFFIC" # by the fixed address
  database_environment = {}
  database_url_version = var.firestore ? google_secret_manager_secret_version.database_url[0].version : var.database_url_version
}

# A fixed address, for the database to trust.

resource "google_compute_address" "egress" {
  count = var.firestore ? 0 : 1

  name = "${var.name}-egress"

  depends_on = [google_project_service.needed]
}

resource "google_compute_router" "egress" {
  count = var.firestore ? 0 : 1

  name    = "${var.name}-egress"
  network = google_compute_network.main.id
}

resource "google_compute_router_nat" "egress" {
  count = var.firestore ? 0 : 1

  name                               = "${var.name}-egress"
  router                             = google_compute_router.egress[0].name
  nat_ip_allocate_option             = "MANUAL_ONLY"
  nat_ips                            = google_compute_address.egress[*].self_link
  source_subnetwork_ip_ranges_to_nat = "LIST_OF_SUBNETWORKS"

  subnetwork {
    name                    = google_compute_subnetwork.service.id
    source_ip_ranges_to_nat = ["ALL_IP_RANGES"]
  }
}

# Firestore, if it is chosen.

resource "google_firestore_database" "database" {
  count = var.firestore ? 1 : 0

  name                              = "${var.name}-service" # 4 characters or more
  location_id                       = var.firestore_location
  type                              = "FIRESTORE_NATIVE"
  database_edition                  = "ENTERPRISE"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = var.deletion_protection ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = "DELETE"

  depends_on = [google_project_service.needed]
}

resource "google_firestore_backup_schedule" "database" {
  count = var.firestore ? 1 : 0

  database  = google_firestore_database.database[0].name
  retention = "${var.backup_days * 86400}s"

  daily_recurrence {}
}

resource "google_project_iam_member" "database" {
  for_each = toset(var.firestore ? ["roles/datastore.user", "roles/datastore.indexAdmin"] : [])

  project = var.project
  role    = each.value
  member  = google_service_account.service.member

  condition {
    title      = "This database alone"
    expression = "resource.name == \"projects/${var.project}/databases/${google_firestore_database.database[0].name}\""
  }
}

# No password: the service signs in with its service account.
resource "google_secret_manager_secret_version" "database_url" {
  count = var.firestore ? 1 : 0

  secret      = google_secret_manager_secret.service["DATABASE_URL"].id
  secret_data = "mongodb://${google_firestore_database.database[0].uid}.${var.firestore_location}.firestore.goog:443/${google_firestore_database.database[0].name}?loadBalanced=true&tls=true&retryWrites=false&authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:gcp,TOKEN_RESOURCE:FIRESTORE"

  depends_on = [google_project_iam_member.database]
}

output "database_url_secret" {
  description = "The secret that holds the database's URL."
  value       = google_secret_manager_secret.service["DATABASE_URL"].secret_id
}

output "egress_address" {
  description = "Where connections to the database come from: enter it in the list of addresses that it trusts."
  value       = one(google_compute_address.egress[*].address)
}
