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
    condition     = azurerm_mongo_cluster.database.public_network_access == "Disabled" && azurerm_private_endpoint.database.subnet_id == azurerm_subnet.database.id && azurerm_private_endpoint.database.private_service_connection[0].private_connection_resource_id == azurerm_mongo_cluster.database.id
    error_message = "The database must not be public."
  }

  assert {
    condition     = strcontains(local.database_url, ".global.mongocluster.cosmos.azure.com/app?tls=true&authMechanism=SCRAM-SHA-256&retrywrites=false") && startswith(local.database_url, "mongodb+srv://app:${terraform_data.database_password.output}@${local.unique_name}.")
    error_message = "The service must verify the server, and not retry writes, which DocumentDB cannot."
  }

  assert {
    condition     = can(regex("^A[0-9a-f-]{36}$", terraform_data.database_password.output))
    error_message = "The password must be drawn, with upper case, lower case, digits and hyphens, as Azure wants it."
  }

  assert {
    condition     = azurerm_management_lock.database[0].lock_level == "CanNotDelete" && azurerm_management_lock.database[0].scope == azurerm_mongo_cluster.database.id
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
