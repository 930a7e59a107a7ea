mock_provider "azurerm" {
  source = "./tests/mocks"
}

variables {
  subscription_id = "00000000-0000-0000-0000-000000000000"
  location        = "westeurope"
  image           = "shop.azurecr.io/shop:1"
}

run "database" {
  assert {
    condition     = !azurerm_postgresql_flexible_server.database.public_network_access_enabled && azurerm_postgresql_flexible_server.database.delegated_subnet_id == azurerm_subnet.database.id
    error_message = "The database must not be public."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server_configuration.tls.name == "require_secure_transport" && lower(azurerm_postgresql_flexible_server_configuration.tls.value) == "on"
    error_message = "The server must insist on TLS."
  }

  assert {
    condition     = endswith(local.database_url, "@shop.postgres.database.azure.com:5432/app?sslmode=verify-full")
    error_message = "The service must verify the server."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.database.administrator_password == null && azurerm_postgresql_flexible_server.database.administrator_password_wo_version == 1 && azurerm_key_vault_secret.database_url.value == null && azurerm_key_vault_secret.database_url.value_wo_version == 1
    error_message = "The password must be write-only, so that the state does not hold it."
  }

  assert {
    condition     = azurerm_postgresql_flexible_server.database.backup_retention_days == 7
    error_message = "There must be backups."
  }

  assert {
    condition     = azurerm_management_lock.database[0].lock_level == "CanNotDelete" && azurerm_management_lock.database[0].scope == azurerm_postgresql_flexible_server.database.id
    error_message = "Deletion protection must be on by default."
  }
}

run "teardown" {
  variables {
    deletion_protection = false
  }

  assert {
    condition     = length(azurerm_management_lock.database) == 0
    error_message = "Without deletion protection, nothing may be locked."
  }
}
