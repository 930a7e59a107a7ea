locals {
  short_name = trimsuffix(substr(var.name, 0, 20), "-") # service accounts have 30 characters
}

resource "google_project_service" "needed" {
  for_each = toset(concat([
    "artifactregistry.googleapis.com",
    "compute.googleapis.com",
    "iam.googleapis.com",
    "iamcredentials.googleapis.com",
    "monitoring.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "sts.googleapis.com",
  ], local.database_services))

  service            = each.value
  disable_on_destroy = false # something else in the project may use it
}

resource "google_compute_network" "main" {
  name                    = var.name
  auto_create_subnetworks = false

  depends_on = [google_project_service.needed]
}

# The containers' side of the network. It lets in nothing: there is no firewall rule.
resource "google_compute_subnetwork" "service" {
  name                     = "${var.name}-service"
  network                  = google_compute_network.main.id
  ip_cidr_range            = "10.0.0.0/24"
  private_ip_google_access = true
}
