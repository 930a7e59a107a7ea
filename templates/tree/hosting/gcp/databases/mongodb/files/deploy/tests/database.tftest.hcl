mock_provider "google" {
  source = "./tests/mocks"
}

variables {
  project = "example-123456"
  region  = "europe-west1"
  image   = "europe-west1-docker.pkg.dev/example-123456/shop/service:1"
}

run "url_in_the_secret" {
  assert {
    condition     = length(google_firestore_database.database) == 0 && length(google_secret_manager_secret_version.database_url) == 0
    error_message = "The URL comes from who brings the database, and never passes Terraform."
  }

  assert {
    condition     = google_cloud_run_v2_service.service.template[0].vpc_access[0].egress == "ALL_TRAFFIC" && google_compute_router_nat.egress[0].nat_ip_allocate_option == "MANUAL_ONLY" && output.egress_address == "203.0.113.7"
    error_message = "Connections must come from the fixed address."
  }
}

run "firestore" {
  variables {
    firestore = true
  }

  assert {
    condition     = google_firestore_database.database[0].database_edition == "ENTERPRISE" && google_firestore_database.database[0].delete_protection_state == "DELETE_PROTECTION_ENABLED"
    error_message = "MongoDB's protocol needs the enterprise edition, and deletion protection must be on by default."
  }

  assert {
    condition     = !strcontains(google_secret_manager_secret_version.database_url[0].secret_data, "@") && strcontains(google_secret_manager_secret_version.database_url[0].secret_data, "&tls=true&") && endswith(google_secret_manager_secret_version.database_url[0].secret_data, "&authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:gcp,TOKEN_RESOURCE:FIRESTORE")
    error_message = "The service must sign in as itself, without a password, and verify the server."
  }

  assert {
    condition     = alltrue([for member in google_project_iam_member.database : member.member == google_service_account.service.member]) && length(google_project_iam_member.database) == 2
    error_message = "The service must be let in."
  }

  assert {
    condition     = alltrue([for member in google_project_iam_member.database : one(member.condition).expression == "resource.name == \"projects/example-123456/databases/${var.name}-service\""])
    error_message = "The service may use this database, and no other of the project."
  }

  assert {
    condition     = length(google_compute_router_nat.egress) == 0
    error_message = "Firestore needs no fixed address."
  }
}

run "refuses_latest_url" {
  command = plan

  variables {
    database_url_version = "latest"
  }

  expect_failures = [var.database_url_version]
}

run "teardown" {
  variables {
    firestore           = true
    deletion_protection = false
  }

  assert {
    condition     = google_firestore_database.database[0].delete_protection_state == "DELETE_PROTECTION_DISABLED" && !google_cloud_run_v2_service.service.deletion_protection
    error_message = "Without deletion protection, everything must go."
  }
}
