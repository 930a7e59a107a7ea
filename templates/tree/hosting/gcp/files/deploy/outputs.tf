output "url" {
  description = "Where the service is reached."
  value       = google_cloud_run_v2_service.service.uri
}

output "repository" {
  description = "Where images are pushed."
  value       = "${google_artifact_registry_repository.service.location}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.service.repository_id}/service"
}

output "image" {
  description = "The image that was rolled out last."
  value       = google_cloud_run_v2_service.service.template[0].containers[0].image
}

output "migration" {
  description = "What deploy/migrate runs, and where."
  value = {
    job     = google_cloud_run_v2_job.migrate.name
    region  = google_cloud_run_v2_job.migrate.location
    project = var.project
  }
}

output "deploy_service_account" {
  description = "Whom the deploy workflow acts as: set it as the repository's variable GCP_SERVICE_ACCOUNT."
  value       = one(google_service_account.deploy[*].email)
}

output "workload_identity_provider" {
  description = "Where the deploy workflow signs in: set it as the repository's variable GCP_WORKLOAD_IDENTITY_PROVIDER."
  value       = one(google_iam_workload_identity_pool_provider.github[*].name)
}
