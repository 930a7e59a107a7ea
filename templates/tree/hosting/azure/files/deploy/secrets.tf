# Secrets are drawn by Terraform and go into write-only arguments: neither its state nor its plans hold them. Those of a
# later run are dropped, unless secrets_version was raised.
locals {
  database_password = "A${uuid()}" # Azure wants three of: upper case, lower case, digits, others

  secrets = {
    DATABASE_URL  = local.database_url
    JWT_SECRET    = replace("${uuid()}${uuid()}", "-", "")
    METRICS_TOKEN = replace(uuid(), "-", "")
  }
}

data "azurerm_client_config" "current" {}

resource "azurerm_key_vault" "service" {
  name                       = local.unique_name
  resource_group_name        = azurerm_resource_group.main.name
  location                   = azurerm_resource_group.main.location
  tenant_id                  = data.azurerm_client_config.current.tenant_id
  sku_name                   = "standard"
  rbac_authorization_enabled = true
  purge_protection_enabled   = false # it could never be turned off, and would keep the name for months
  soft_delete_retention_days = 7
  tags                       = local.tags
}

# Who runs Terraform first writes the secrets. Whoever else shall draw new ones needs the same role.
resource "azurerm_role_assignment" "operator" {
  scope                = azurerm_key_vault.service.id
  role_definition_name = "Key Vault Secrets Officer"
  principal_id         = data.azurerm_client_config.current.object_id

  lifecycle {
    ignore_changes = [principal_id]
  }
}

resource "azurerm_role_assignment" "secrets" {
  scope                = azurerm_key_vault.service.id
  role_definition_name = "Key Vault Secrets User"
  principal_id         = azurerm_user_assigned_identity.service.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_key_vault_secret" "service" {
  for_each = toset(["DATABASE_URL", "JWT_SECRET", "METRICS_TOKEN"])

  key_vault_id     = azurerm_key_vault.service.id
  name             = lower(replace(each.value, "_", "-"))
  value_wo         = local.secrets[each.value]
  value_wo_version = var.secrets_version
  tags             = local.tags

  depends_on = [azurerm_role_assignment.operator]
}
