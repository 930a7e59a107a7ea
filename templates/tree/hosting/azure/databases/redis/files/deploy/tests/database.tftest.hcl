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
    condition     = azurerm_managed_redis.database.public_network_access == "Disabled" && azurerm_private_endpoint.database.subnet_id == azurerm_subnet.database.id && azurerm_private_endpoint.database.private_service_connection[0].private_connection_resource_id == azurerm_managed_redis.database.id
    error_message = "The database must not be public."
  }

  assert {
    condition     = azurerm_managed_redis.database.default_database[0].client_protocol == "Encrypted" && local.database_url == "rediss://default:drawn%2Bby%2Fazure%3D@shop.westeurope.redis.azure.net:10000/0"
    error_message = "The server must insist on TLS, and the service must verify it."
  }

  assert {
    condition     = azurerm_managed_redis.database.default_database[0].clustering_policy == "NoCluster"
    error_message = "The service knows one server."
  }

  assert {
    condition     = azurerm_managed_redis.database.default_database[0].eviction_policy == "NoEviction" && azurerm_managed_redis.database.default_database[0].persistence_append_only_file_backup_frequency == "1s"
    error_message = "The main store must lose nothing: an append-only file, and no eviction."
  }

  assert {
    condition     = azurerm_management_lock.database[0].lock_level == "CanNotDelete" && azurerm_management_lock.database[0].scope == azurerm_managed_redis.database.id
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
