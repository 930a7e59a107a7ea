# The deploy workflow signs in with a token of GitHub's and acts as this identity. It can push images, run the migration and
# roll out; what changes the rest is applied by a person.

resource "azurerm_user_assigned_identity" "deploy" {
  count = var.github_subject == null ? 0 : 1

  name                = "${var.name}-deploy"
  resource_group_name = azurerm_resource_group.main.name
  location            = azurerm_resource_group.main.location
  tags                = local.tags
}

resource "azurerm_federated_identity_credential" "github" {
  count = var.github_subject == null ? 0 : 1

  name                      = "github"
  user_assigned_identity_id = azurerm_user_assigned_identity.deploy[0].id
  issuer                    = "https://token.actions.githubusercontent.com"
  audience                  = ["api://AzureADTokenExchange"]
  subject                   = var.github_subject
}

resource "azurerm_role_assignment" "deploy" {
  for_each = var.github_subject == null ? {} : {
    "AcrPush"                         = azurerm_container_registry.service.id
    "Container Apps Contributor"      = azurerm_resource_group.main.id
    "Container Apps Jobs Contributor" = azurerm_resource_group.main.id
    "Managed Identity Operator"       = azurerm_user_assigned_identity.service.id # to start containers in the service's name
    "Storage Blob Data Contributor"   = "${var.state_storage_account_id}/blobServices/default/containers/tfstate"
  }

  scope                = each.value
  role_definition_name = each.key
  principal_id         = azurerm_user_assigned_identity.deploy[0].principal_id
  principal_type       = "ServicePrincipal"
}
