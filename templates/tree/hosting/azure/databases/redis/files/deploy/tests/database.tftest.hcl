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
    condition     = jsondecode(azurerm_resource_group_template_deployment.database.template_content).resources[0].properties.publicNetworkAccess == "Disabled" && azurerm_private_endpoint.database.subnet_id == azurerm_subnet.database.id && azurerm_private_endpoint.database.private_service_connection[0].private_connection_resource_id == local.database.id.value
    error_message = "The database must not be public."
  }

  assert {
    condition     = jsondecode(azurerm_resource_group_template_deployment.database.template_content).resources[1].properties.clientProtocol == "Encrypted" && startswith(jsondecode(azurerm_resource_group_template_deployment.database.template_content).resources[2].properties.value, "[format('rediss://default:{0}@{1}:${jsondecode(azurerm_resource_group_template_deployment.database.template_content).resources[1].properties.port}/0', uriComponent(listKeys(")
    error_message = "The server must insist on TLS, and the service must verify it."
  }

  assert {
    condition     = jsondecode(azurerm_resource_group_template_deployment.database.template_content).resources[2].name == "${azurerm_key_vault.service.name}/database-url" && local.secret_ids.DATABASE_URL == "https://shop.vault.azure.net/secrets/database-url"
    error_message = "Azure must write the key into the vault itself: the state holds the template."
  }

  assert {
    condition     = jsondecode(azurerm_resource_group_template_deployment.database.template_content).resources[1].properties.clusteringPolicy == "NoCluster"
    error_message = "The service knows one server."
  }

  assert {
    condition     = jsondecode(azurerm_resource_group_template_deployment.database.template_content).resources[1].properties.evictionPolicy == "NoEviction" && jsondecode(azurerm_resource_group_template_deployment.database.template_content).resources[1].properties.persistence == { aofEnabled = true, aofFrequency = "1s" }
    error_message = "The main store must lose nothing: an append-only file, and no eviction."
  }

  assert {
    condition     = azurerm_management_lock.database[0].lock_level == "CanNotDelete" && azurerm_management_lock.database[0].scope == local.database.id.value
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
