# The deploy workflow signs in with a token of GitHub's and acts as this service account. It can push images, run the migration
# and roll out; what changes the rest is applied by a person.

resource "google_iam_workload_identity_pool" "github" {
  count = var.github_repository_id == null ? 0 : 1

  workload_identity_pool_id = "${local.short_name}-github"
  display_name              = "GitHub Actions"

  depends_on = [google_project_service.needed]
}

resource "google_iam_workload_identity_pool_provider" "github" {
  count = var.github_repository_id == null ? 0 : 1

  workload_identity_pool_id          = google_iam_workload_identity_pool.github[0].workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  attribute_condition                = "assertion.repository_id == '${var.github_repository_id}' && assertion.environment == 'production'"

  attribute_mapping = {
    "google.subject"          = "assertion.sub"
    "attribute.repository_id" = "assertion.repository_id"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account" "deploy" {
  count = var.github_repository_id == null ? 0 : 1

  account_id   = "${local.short_name}-deploy"
  display_name = "Deploys ${var.name} from GitHub Actions"

  depends_on = [google_project_service.needed]
}

resource "google_service_account_iam_member" "github" {
  count = var.github_repository_id == null ? 0 : 1

  service_account_id = google_service_account.deploy[0].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.github[0].name}/attribute.repository_id/${var.github_repository_id}"
}

resource "google_artifact_registry_repository_iam_member" "deploy" {
  count = var.github_repository_id == null ? 0 : 1

  repository = google_artifact_registry_repository.service.name
  location   = var.region
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.deploy[0].member
}

resource "google_cloud_run_v2_service_iam_member" "deploy" {
  count = var.github_repository_id == null ? 0 : 1

  name     = google_cloud_run_v2_service.service.name
  location = var.region
  role     = "roles/run.developer"
  member   = google_service_account.deploy[0].member
}

resource "google_cloud_run_v2_job_iam_member" "deploy" {
  count = var.github_repository_id == null ? 0 : 1

  name     = google_cloud_run_v2_job.migrate.name
  location = var.region
  role     = "roles/run.developer"
  member   = google_service_account.deploy[0].member
}

# To wait for the end of a rollout.
resource "google_project_iam_member" "deploy" {
  count = var.github_repository_id == null ? 0 : 1

  project = var.project
  role    = "roles/run.viewer"
  member  = google_service_account.deploy[0].member
}

# To start containers in the service's name.
resource "google_service_account_iam_member" "deploy" {
  count = var.github_repository_id == null ? 0 : 1

  service_account_id = google_service_account.service.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.deploy[0].member
}

resource "google_storage_bucket_iam_member" "deploy" {
  count = var.github_repository_id == null ? 0 : 1

  bucket = var.state_bucket
  role   = "roles/storage.objectUser"
  member = google_service_account.deploy[0].member
}
