variable "database_sku" {
  description = "Size of the database server."
  type        = string
  default     = "Balanced_B0"

  validation {
    condition     = can(regex("^(Balanced_B|ComputeOptimized_X|MemoryOptimized_M)[0-9]+$", var.database_sku))
    error_message = "Managed Redis' sizes have names such as Balanced_B0."
  }
}

variable "database_high_availability" {
  description = "Keep a copy that takes over when the server fails, at twice the price."
  type        = bool
  default     = false
}

locals {
  database        = jsondecode(azurerm_resource_group_template_deployment.database.output_content)
  database_url_id = terraform_data.database_url_id.output
}

# Who has it can use it: not before the way is there.
resource "terraform_data" "database_url_id" {
  input = local.database.url.value

  depends_on = [azurerm_private_endpoint.database]
}

# Azure draws the key, and Terraform's own resource would keep it in the state: this lets Azure write it into the vault itself.
resource "azurerm_resource_group_template_deployment" "database" {
  name                = "database"
  resource_group_name = azurerm_resource_group.main.name
  deployment_mode     = "Incremental"
  tags                = local.tags

  template_content = jsonencode({
    "$schema"      = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    contentVersion = "1.0.0.0"

    variables = {
      server   = "[resourceId('Microsoft.Cache/redisEnterprise', '${local.unique_name}')]"
      database = "[resourceId('Microsoft.Cache/redisEnterprise/databases', '${local.unique_name}', 'default')]"
      url      = "[resourceId('Microsoft.KeyVault/vaults/secrets', '${azurerm_key_vault.service.name}', 'database-url')]"
    }

    resources = [
      {
        type       = "Microsoft.Cache/redisEnterprise"
        apiVersion = "2025-07-01"
        name       = local.unique_name
        location   = azurerm_resource_group.main.location
        tags       = local.tags
        sku        = { name = var.database_sku }

        properties = {
          highAvailability    = var.database_high_availability ? "Enabled" : "Disabled"
          publicNetworkAccess = "Disabled"
          minimumTlsVersion   = "1.2"
        }
      },
      {
        type       = "Microsoft.Cache/redisEnterprise/databases"
        apiVersion = "2025-07-01"
        name       = "${local.unique_name}/default"
        dependsOn  = ["[variables('server')]"]

        properties = {
          accessKeysAuthentication = "Enabled"
          clientProtocol           = "Encrypted"
          port                     = 10000
          clusteringPolicy         = "NoCluster" # the service knows one server
          evictionPolicy           = "NoEviction"
          persistence              = { aofEnabled = true, aofFrequency = "1s" }
        }
      },
      {
        type       = "Microsoft.KeyVault/vaults/secrets"
        apiVersion = "2024-11-01"
        name       = "${azurerm_key_vault.service.name}/database-url"
        dependsOn  = ["[variables('database')]"]
        tags       = merge(local.tags, { secrets_version = tostring(var.secrets_version) }) # a change has the key read again

        properties = {
          value = "[format('rediss://default:{0}@{1}:10000/0', uriComponent(listKeys(variables('database'), '2025-07-01').primaryKey), reference(variables('server'), '2025-07-01').hostName)]"
        }
      },
    ]

    outputs = {
      id  = { type = "string", value = "[variables('server')]" }
      url = { type = "string", value = "[reference(variables('url'), '2024-11-01').secretUri]" }
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
  name                = "privatelink.redis.azure.net"
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
    private_connection_resource_id = local.database.id.value
    subresource_names              = ["redisEnterprise"]
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
  scope      = local.database.id.value
  lock_level = "CanNotDelete"
  notes      = "Holds the data of ${var.name}."

  depends_on = [azurerm_private_endpoint.database] # it goes before that, which it would keep too
}

output "database" {
  description = "Name of the database server."
  value       = local.unique_name
}
