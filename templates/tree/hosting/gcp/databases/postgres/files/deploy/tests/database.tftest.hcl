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
    condition     = !google_sql_database_instance.database.settings[0].ip_configuration[0].ipv4_enabled && google_sql_database_instance.database.settings[0].ip_configuration[0].private_network == google_compute_network.main.id
    error_message = "The database must not be public."
  }

  assert {
    condition     = google_sql_database_instance.database.settings[0].ip_configuration[0].ssl_mode == "ENCRYPTED_ONLY"
    error_message = "The server must insist on TLS."
  }

  assert {
    condition     = google_sql_database_instance.database.settings[0].ip_configuration[0].server_ca_mode == "GOOGLE_MANAGED_CAS_CA" && google_dns_record_set.database.name == "0123456789ab.abcdefghijkl.europe-west1.sql.goog." && google_dns_record_set.database.rrdatas == tolist(["10.1.0.3"]) && google_dns_managed_zone.database.visibility == "private"
    error_message = "The server's certificate must have a name, which leads to it in the private network."
  }

  assert {
    condition     = local.database_environment.DATABASE_CA_FILE == "${google_cloud_run_v2_service.service.template[0].containers[0].volume_mounts[0].mount_path}/${google_cloud_run_v2_service.service.template[0].volumes[0].secret[0].items[0].path}" && google_cloud_run_v2_service.service.template[0].volumes[0].secret[0].secret == google_secret_manager_secret.database_ca.secret_id
    error_message = "The service must verify the server, with the certificate authority that is mounted."
  }

  assert {
    condition     = google_sql_user.app.password == null && google_sql_user.app.password_wo_version == 1 && google_secret_manager_secret_version.database_url.secret_data == null
    error_message = "The password must be write-only."
  }

  assert {
    condition     = google_sql_database_instance.database.settings[0].backup_configuration[0].enabled && google_sql_database_instance.database.settings[0].backup_configuration[0].point_in_time_recovery_enabled
    error_message = "There must be backups."
  }

  assert {
    condition     = google_sql_database_instance.database.deletion_protection && google_sql_database_instance.database.settings[0].deletion_protection_enabled
    error_message = "Deletion protection must be on by default."
  }
}

run "teardown" {
  variables {
    deletion_protection = false
  }

  assert {
    condition     = !google_sql_database_instance.database.deletion_protection && !google_sql_database_instance.database.settings[0].deletion_protection_enabled && !google_cloud_run_v2_service.service.deletion_protection
    error_message = "Without deletion protection, everything must go."
  }
}
