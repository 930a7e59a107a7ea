variable "database_node_type" {
  description = "Size of the database server."
  type        = string
  default     = "SHARED_CORE_NANO"

  validation {
    condition     = contains(["SHARED_CORE_NANO", "STANDARD_SMALL", "HIGHMEM_MEDIUM", "HIGHMEM_XLARGE"], var.database_node_type)
    error_message = "Memorystore has SHARED_CORE_NANO, STANDARD_SMALL, HIGHMEM_MEDIUM and HIGHMEM_XLARGE."
  }
}

variable "database_replicas" {
  description = "How many copies there are in other zones, one of which takes over when the server fails."
  type        = number
  default     = 0

  validation {
    condition     = var.database_replicas >= 0 && var.database_replicas <= 5
    error_message = "There are 0 to 5 replicas."
  }
}

variable "database_backup" {
  description = "The backup that a new instance begins with."
  type        = string
  default     = null
}

locals {
  database_services    = ["memorystore.googleapis.com", "networkconnectivity.googleapis.com"]
  database_egress      = "PRIVATE_RANGES_ONLY"
  database_environment = { DATABASE_CA_FILE = "/etc/database/ca.pem" }
  database_url_version = google_secret_manager_secret_version.database_url.version

  database_endpoint = one([
    for connection in flatten(google_memorystore_instance.database.endpoints[*].connections[*].psc_auto_connection) :
    connection if connection.connection_type == "CONNECTION_TYPE_PRIMARY"
  ])
}

resource "google_network_connectivity_service_connection_policy" "database" {
  name          = "${var.name}-database"
  location      = var.region
  network       = google_compute_network.main.id
  service_class = "gcp-memorystore"

  psc_config {
    subnetworks = [google_compute_subnetwork.service.id]
  }
}

resource "google_memorystore_instance" "database" {
  instance_id    = var.name
  location       = var.region
  engine_version = "VALKEY_8_0"
  mode           = "CLUSTER_DISABLED" # the service knows one server
  shard_count    = 1
  replica_count  = var.database_replicas
  node_type      = var.database_node_type

  transit_encryption_mode     = "SERVER_AUTHENTICATION"
  authorization_mode          = "AUTH_DISABLED" # the other one has passwords that end after an hour
  deletion_protection_enabled = var.deletion_protection

  engine_configs = { maxmemory-policy = "noeviction" }

  persistence_config {
    mode = "AOF"

    aof_config {
      append_fsync = "EVERY_SEC"
    }
  }

  automated_backup_config {
    retention = "${var.backup_days * 86400}s"

    fixed_frequency_schedule {
      start_time {
        hours = 2
      }
    }
  }

  desired_auto_created_endpoints {
    project_id = var.project
    network    = google_compute_network.main.id
  }

  dynamic "managed_backup_source" {
    for_each = var.database_backup == null ? [] : [var.database_backup]

    content {
      backup = managed_backup_source.value
    }
  }

  lifecycle {
    ignore_changes = [managed_backup_source]
  }

  depends_on = [google_network_connectivity_service_connection_policy.database]
}

resource "google_secret_manager_secret_version" "database_url" {
  secret                 = google_secret_manager_secret.service["DATABASE_URL"].id
  secret_data_wo         = "rediss://${local.database_endpoint.ip_address}:${local.database_endpoint.port}/0"
  secret_data_wo_version = 1

  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [google_memorystore_instance.database.id]
  }
}

# What Cloud Run mounts as a file is a secret to it, also the certificate authority, which is public.

resource "google_secret_manager_secret" "database_ca" {
  secret_id = "${var.name}-database-ca"

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }

  depends_on = [google_project_service.needed]
}

resource "google_secret_manager_secret_version" "database_ca" {
  secret      = google_secret_manager_secret.database_ca.id
  secret_data = join("\n", flatten(google_memorystore_instance.database.managed_server_ca[*].ca_certs[*].certificates))

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_secret_manager_secret_iam_member" "database_ca" {
  secret_id = google_secret_manager_secret.database_ca.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.service.member
}
