mock_provider "google" {
  source = "./tests/mocks"
}

variables {
  project = "example-123456"
  region  = "europe-west1"
  image   = "europe-west1-docker.pkg.dev/example-123456/shop/service:1"
}

run "database" {
  assert {
    condition     = one(google_memorystore_instance.database.desired_auto_created_endpoints).network == google_compute_network.main.id && local.database_endpoint.ip_address == "10.0.0.3"
    error_message = "The database must be reached by the private network."
  }

  assert {
    condition     = google_memorystore_instance.database.transit_encryption_mode == "SERVER_AUTHENTICATION"
    error_message = "The server must insist on TLS."
  }

  assert {
    condition     = local.database_environment.DATABASE_CA_FILE == "${google_cloud_run_v2_service.service.template[0].containers[0].volume_mounts[0].mount_path}/${google_cloud_run_v2_service.service.template[0].volumes[0].secret[0].items[0].path}" && strcontains(google_secret_manager_secret_version.database_ca.secret_data, "BEGIN CERTIFICATE")
    error_message = "The service must verify the server, with the certificate authority that is mounted."
  }

  assert {
    condition     = google_memorystore_instance.database.mode == "CLUSTER_DISABLED" && google_memorystore_instance.database.shard_count == 1
    error_message = "The service knows one server."
  }

  assert {
    condition     = google_memorystore_instance.database.persistence_config[0].mode == "AOF" && google_memorystore_instance.database.engine_configs["maxmemory-policy"] == "noeviction" && google_memorystore_instance.database.automated_backup_config[0].retention == "604800s"
    error_message = "The main store must lose nothing: an append-only file, no eviction, and backups."
  }

  assert {
    condition     = google_memorystore_instance.database.deletion_protection_enabled
    error_message = "Deletion protection must be on by default."
  }
}

run "teardown" {
  variables {
    deletion_protection = false
  }

  assert {
    condition     = !google_memorystore_instance.database.deletion_protection_enabled && !google_cloud_run_v2_service.service.deletion_protection
    error_message = "Without deletion protection, everything must go."
  }
}
