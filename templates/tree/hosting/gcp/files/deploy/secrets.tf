# Secrets are drawn by Terraform and go into write-only arguments: neither its state nor its plans hold them. Those of a
# later run are dropped, unless secrets_version was raised.
locals {
  database_password = replace(uuid(), "-", "")

  drawn = {
    JWT_SECRET    = replace("${uuid()}${uuid()}", "-", "")
    METRICS_TOKEN = replace(uuid(), "-", "")
  }

  # The versions are named, so that new secrets make a new revision of the service.
  secret_versions = {
    DATABASE_URL  = local.database_url_version
    JWT_SECRET    = google_secret_manager_secret_version.drawn["JWT_SECRET"].version
    METRICS_TOKEN = google_secret_manager_secret_version.drawn["METRICS_TOKEN"].version
  }
}

resource "google_secret_manager_secret" "service" {
  for_each = toset(["DATABASE_URL", "JWT_SECRET", "METRICS_TOKEN"])

  secret_id = "${var.name}-${lower(replace(each.value, "_", "-"))}"

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }

  depends_on = [google_project_service.needed]
}

resource "google_secret_manager_secret_version" "drawn" {
  for_each = toset(["JWT_SECRET", "METRICS_TOKEN"])

  secret                 = google_secret_manager_secret.service[each.value].id
  secret_data_wo         = local.drawn[each.value]
  secret_data_wo_version = var.secrets_version

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_secret_manager_secret_iam_member" "service" {
  for_each = google_secret_manager_secret.service

  secret_id = each.value.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.service.member
}
