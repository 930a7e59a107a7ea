# What Google Cloud would answer, where another resource looks at its form.

mock_resource "google_compute_network" {
  defaults = {
    id = "projects/example-123456/global/networks/shop"
  }
}

mock_resource "google_compute_subnetwork" {
  defaults = {
    id = "projects/example-123456/regions/europe-west1/subnetworks/shop-service"
  }
}

mock_resource "google_service_account" {
  defaults = {
    email  = "shop-service@example-123456.iam.gserviceaccount.com"
    member = "serviceAccount:shop-service@example-123456.iam.gserviceaccount.com"
    name   = "projects/example-123456/serviceAccounts/shop-service@example-123456.iam.gserviceaccount.com"
  }
}

mock_resource "google_secret_manager_secret" {
  defaults = {
    id = "projects/example-123456/secrets/shop"
  }
}

mock_resource "google_secret_manager_secret_version" {
  defaults = {
    version = "1"
  }
}

mock_resource "google_cloud_run_v2_service" {
  defaults = {
    uri = "https://shop-abcdefghij-ew.a.run.app"
  }
}

mock_resource "google_iam_workload_identity_pool" {
  defaults = {
    name = "projects/123456789012/locations/global/workloadIdentityPools/shop-github"
  }
}

mock_resource "google_iam_workload_identity_pool_provider" {
  defaults = {
    name = "projects/123456789012/locations/global/workloadIdentityPools/shop-github/providers/github"
  }
}
