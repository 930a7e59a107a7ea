variable "database_tier" {
  description = "Size of the database server."
  type        = string
  default     = "M10"

  validation {
    condition     = can(regex("^M[0-9]+$", var.database_tier))
    error_message = "DocumentDB's sizes are M10, M20, M25, M30, M40 and so on."
  }
}

variable "database_storage" {
  description = "GB of storage."
  type        = number
  default     = 32

  validation {
    condition     = contains([32, 64, 128, 256, 512, 1024, 2048, 4095, 4096, 8192, 16384, 32767], var.database_storage)
    error_message = "Azure gives 32, 64, 128, 256, 512, 1024, 2048, 4095 or more GB."
  }
}

variable "database_high_availability" {
  description = "Keep a standby, at twice the price; from M30 on."
  type        = bool
  default     = false
}

locals {
  database_password = "A${uuid()}" # Azure wants three of: upper case, lower case, digits, others
  database_url      = "mongodb+srv://app:${local.database_password}@${local.unique_name}.global.mongocluster.cosmos.azure.com/app?tls=true&authMechanism=SCRAM-SHA-256&retrywrites=false&maxIdleTimeMS=120000"
  database_url_id   = azurerm_key_vault_secret.database_url.versionless_id
  database_id       = jsondecode(azurerm_resource_group_template_deployment.database.output_content).id.value
}

resource "azurerm_key_vault_secret" "database_password" {
  key_vault_id     = azurerm_key_vault.service.id
  name             = "database-password"
  value_wo         = local.database_password
  value_wo_version = var.secrets_version
  tags             = local.tags

  depends_on = [azurerm_role_assignment.operator]
}

resource "azurerm_key_vault_secret" "database_url" {
  key_vault_id     = azurerm_key_vault.service.id
  name             = "database-url"
  value_wo         = local.database_url
  value_wo_version = var.secrets_version
  tags             = local.tags

  depends_on = [azurerm_role_assignment.operator, azurerm_private_endpoint.database] # who has it can use it
}

# Terraform's own resource for a cluster would keep the password in the state: this lets Azure read it from the vault.
resource "azurerm_resource_group_template_deployment" "database" {
  name                = "database"
  resource_group_name = azurerm_resource_group.main.name
  deployment_mode     = "Incremental"
  tags                = local.tags

  parameters_content = jsonencode({
    password = {
      reference = {
        keyVault   = { id = azurerm_key_vault.service.id }
        secretName = azurerm_key_vault_secret.database_password.name
      }
    }
  })

  template_content = jsonencode({
    "$schema"      = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    contentVersion = "1.0.0.0"
    parameters     = { password = { type = "secureString" } }

    resources = [{
      type       = "Microsoft.DocumentDB/mongoClusters"
      apiVersion = "2025-09-01"
      name       = local.unique_name
      location   = azurerm_resource_group.main.location
      tags       = merge(local.tags, { secrets_version = tostring(var.secrets_version) }) # a change has the password read again

      properties = {
        administrator       = { userName = "app", password = "[parameters('password')]" }
        serverVersion       = "8.0"
        compute             = { tier = var.database_tier }
        storage             = { sizeGb = var.database_storage }
        sharding            = { shardCount = 1 }
        highAvailability    = { targetMode = var.database_high_availability ? "ZoneRedundantPreferred" : "Disabled" }
        publicNetworkAccess = "Disabled"
      }
    }]

    outputs = {
      id = { type = "string", value = "[resourceId('Microsoft.DocumentDB/mongoClusters', '${local.unique_name}')]" }
    }
  })
}

# The way to it: an address in this network, under the database's own name.

resource "azurerm_subnet" "database" {
  name                 = "database"
  resource_group_name  = azurerm_resource_group.main.name
  virtual_network_name = azurerm_virtual_network.main.name
  address_prefixes     = ["10.0.2.0/24"]
}

resource "azurerm_private_dns_zone" "database" {
  name                = "privatelink.mongocluster.cosmos.azure.com"
  resource_group_name = azurerm_resource_group.main.name
  tags                = local.tags
}

resource "azurerm_private_dns_zone_virtual_network_link" "database" {
  name                = "database"
  private_dns_zone_id = azurerm_private_dns_zone.database.id
  virtual_network_id  = azurerm_virtual_network.main.id
  tags                = local.tags

  depends_on = [azurerm_subnet.database] # it goes before the subnet
}

resource "azurerm_private_endpoint" "database" {
  name                = "${var.name}-database"
  resource_group_name = azurerm_resource_group.main.name
  location            = azurerm_resource_group.main.location
  subnet_id           = azurerm_subnet.database.id
  tags                = local.tags

  private_service_connection {
    name                           = "database"
    private_connection_resource_id = local.database_id
    subresource_names              = ["MongoCluster"]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "database"
    private_dns_zone_ids = [azurerm_private_dns_zone.database.id]
  }

  depends_on = [azurerm_private_dns_zone_virtual_network_link.database]
}

resource "azurerm_management_lock" "database" {
  count = var.deletion_protection ? 1 : 0

  name       = "database"
  scope      = local.database_id
  lock_level = "CanNotDelete"
  notes      = "Holds the data of ${var.name}."

  depends_on = [azurerm_private_endpoint.database] # it goes before that, which it would keep too
}

output "database" {
  description = "Name of the database server."
  value       = local.unique_name
}
