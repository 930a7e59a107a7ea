variable "database_tier" {
  description = "Size of the database server."
  type        = string
  default     = "db-f1-micro"

  validation {
    condition     = startswith(var.database_tier, "db-")
    error_message = "Cloud SQL's sizes have names such as db-f1-micro or db-custom-1-3840."
  }
}

variable "database_high_availability" {
  description = "Keep a standby in another zone, at twice the price."
  type        = bool
  default     = false
}

locals {
  database_services    = ["dns.googleapis.com", "servicenetworking.googleapis.com", "sqladmin.googleapis.com"]
  database_egress      = "PRIVATE_RANGES_ONLY"
  database_host        = trimsuffix(google_sql_database_instance.database.dns_name, ".")
  database_environment = { DATABASE_CA_FILE = "/etc/database/ca.pem" }
  database_url_version = google_secret_manager_secret_version.database_url.version
}

# Cloud SQL lives in a network of Google's, which this peers with.

resource "google_compute_global_address" "database" {
  name          = "${var.name}-database"
  network       = google_compute_network.main.id
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  prefix_length = 20
}

resource "google_service_networking_connection" "database" {
  network                 = google_compute_network.main.id
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.database.name]
  deletion_policy         = "ABANDON" # Google frees it hours after the database is gone, and refuses until then
}

resource "google_sql_database_instance" "database" {
  # Without a name it gets one that was never used: a name is taken for a week after its instance is gone.
  database_version    = "POSTGRES_18"
  region              = var.region
  deletion_protection = var.deletion_protection

  settings {
    edition                     = "ENTERPRISE"
    tier                        = var.database_tier
    availability_type           = var.database_high_availability ? "REGIONAL" : "ZONAL"
    deletion_protection_enabled = var.deletion_protection

    ip_configuration {
      ipv4_enabled    = false
      private_network = google_compute_network.main.id
      ssl_mode        = "ENCRYPTED_ONLY"
      server_ca_mode  = "GOOGLE_MANAGED_CAS_CA" # the other one's certificates have no host name to verify
    }

    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = true
      transaction_log_retention_days = min(var.backup_days, 7)

      backup_retention_settings {
        retained_backups = var.backup_days
      }
    }
  }

  depends_on = [google_service_networking_connection.database]
}

# The name in the server's certificate, for the private network.

resource "google_dns_managed_zone" "database" {
  name       = "${var.name}-database"
  dns_name   = "${local.database_host}."
  visibility = "private"

  private_visibility_config {
    networks {
      network_url = google_compute_network.main.id
    }
  }
}

resource "google_dns_record_set" "database" {
  managed_zone = google_dns_managed_zone.database.name
  name         = google_dns_managed_zone.database.dns_name
  type         = "A"
  ttl          = 300
  rrdatas      = [google_sql_database_instance.database.private_ip_address]
}

resource "google_sql_database" "app" {
  instance        = google_sql_database_instance.database.name
  name            = "app"
  deletion_policy = "ABANDON" # it goes with the instance
}

resource "google_sql_user" "app" {
  instance            = google_sql_database_instance.database.name
  name                = "app"
  password_wo         = local.database_password
  password_wo_version = var.secrets_version
  deletion_policy     = "ABANDON"
}

resource "google_secret_manager_secret_version" "database_url" {
  secret                 = google_secret_manager_secret.service["DATABASE_URL"].id
  secret_data_wo         = "postgres://${google_sql_user.app.name}:${local.database_password}@${local.database_host}:5432/${google_sql_database.app.name}?sslmode=verify-full"
  secret_data_wo_version = var.secrets_version

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [google_dns_record_set.database]
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
  secret_data = join("\n", google_sql_database_instance.database.server_ca_cert[*].cert)

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_secret_manager_secret_iam_member" "database_ca" {
  secret_id = google_secret_manager_secret.database_ca.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.service.member
}

output "database" {
  description = "Name of the database server."
  value       = google_sql_database_instance.database.name
}
