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
    condition     = jsondecode(azurerm_resource_group_template_deployment.database.template_content).resources[0].properties.publicNetworkAccess == "Disabled" && azurerm_private_endpoint.database.subnet_id == azurerm_subnet.database.id && azurerm_private_endpoint.database.private_service_connection[0].private_connection_resource_id == local.database_id
    error_message = "The database must not be public."
  }

  assert {
    condition     = strcontains(local.database_url, ".global.mongocluster.cosmos.azure.com/app?tls=true&authMechanism=SCRAM-SHA-256&retrywrites=false") && startswith(local.database_url, "mongodb+srv://app:${local.database_password}@${jsondecode(azurerm_resource_group_template_deployment.database.template_content).resources[0].name}.")
    error_message = "The service must verify the server, and not retry writes, which DocumentDB cannot."
  }

  assert {
    condition     = can(regex("^A[0-9a-f-]{36}$", local.database_password))
    error_message = "The password must be drawn, with upper case, lower case, digits and hyphens, as Azure wants it."
  }

  assert {
    condition     = alltrue([for secret in [azurerm_key_vault_secret.database_password, azurerm_key_vault_secret.database_url] : secret.value == null && secret.value_wo_version == 1]) && local.secret_ids.DATABASE_URL == azurerm_key_vault_secret.database_url.versionless_id
    error_message = "The password must be write-only, so that the state does not hold it."
  }

  assert {
    condition     = jsondecode(azurerm_resource_group_template_deployment.database.template_content).resources[0].properties.administrator == { userName = "app", password = "[parameters('password')]" } && jsondecode(azurerm_resource_group_template_deployment.database.parameters_content).password == { reference = { keyVault = { id = azurerm_key_vault.service.id }, secretName = "database-password" } }
    error_message = "Azure must read the password from the vault: the state holds the template and its parameters."
  }

  assert {
    condition     = azurerm_key_vault.service.enabled_for_template_deployment
    error_message = "Azure must be allowed to read the password."
  }

  assert {
    condition     = azurerm_management_lock.database[0].lock_level == "CanNotDelete" && azurerm_management_lock.database[0].scope == local.database_id
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
