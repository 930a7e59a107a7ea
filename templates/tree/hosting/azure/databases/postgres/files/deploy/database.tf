variable "database_sku" {
  description = "Size of the database server."
  type        = string
  default     = "B_Standard_B1ms"

  validation {
    condition     = can(regex("^(B|GP|MO)_Standard_", var.database_sku))
    error_message = "Flexible servers have sizes with names such as B_Standard_B1ms or GP_Standard_D2ds_v5."
  }
}

variable "database_storage" {
  description = "GB of storage; it grows by itself."
  type        = number
  default     = 32

  validation {
    condition     = contains([32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384], var.database_storage)
    error_message = "Azure gives 32, 64, 128, 256, 512, 1024 or more GB."
  }
}

locals {
  database_password = "A${uuid()}" # Azure wants three of: upper case, lower case, digits, others
  database_url      = "postgres://${azurerm_postgresql_flexible_server.database.administrator_login}:${local.database_password}@${azurerm_postgresql_flexible_server.database.fqdn}:5432/${azurerm_postgresql_flexible_server_database.app.name}?sslmode=verify-full"
  database_url_id   = azurerm_key_vault_secret.database_url.versionless_id
}

resource "azurerm_key_vault_secret" "database_url" {
  key_vault_id     = azurerm_key_vault.service.id
  name             = "database-url"
  value_wo         = local.database_url
  value_wo_version = var.secrets_version
  tags             = local.tags

  depends_on = [azurerm_role_assignment.operator]
}

resource "azurerm_subnet" "database" {
  name                 = "database"
  resource_group_name  = azurerm_resource_group.main.name
  virtual_network_name = azurerm_virtual_network.main.name
  address_prefixes     = ["10.0.2.0/24"]

  delegation {
    name = "database"

    service_delegation {
      name    = "Microsoft.DBforPostgreSQL/flexibleServers"
      actions = ["Microsoft.Network/virtualNetworks/subnets/join/action"]
    }
  }
}

resource "azurerm_private_dns_zone" "database" {
  name                = "${local.unique_name}.private.postgres.database.azure.com"
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

resource "azurerm_postgresql_flexible_server" "database" {
  name                = local.unique_name
  resource_group_name = azurerm_resource_group.main.name
  location            = azurerm_resource_group.main.location
  version             = "18"
  sku_name            = var.database_sku
  storage_mb          = 1024 * var.database_storage
  auto_grow_enabled   = true
  tags                = local.tags

  administrator_login               = "app"
  administrator_password_wo         = local.database_password
  administrator_password_wo_version = var.secrets_version

  public_network_access_enabled = false
  delegated_subnet_id           = azurerm_subnet.database.id
  private_dns_zone_id           = azurerm_private_dns_zone.database.id

  backup_retention_days = var.backup_days

  lifecycle {
    ignore_changes = [zone] # Azure chooses one
  }

  depends_on = [azurerm_private_dns_zone_virtual_network_link.database]
}

resource "azurerm_postgresql_flexible_server_configuration" "tls" {
  name      = "require_secure_transport"
  server_id = azurerm_postgresql_flexible_server.database.id
  value     = "on"
}

resource "azurerm_postgresql_flexible_server_database" "app" {
  name      = "app"
  server_id = azurerm_postgresql_flexible_server.database.id
}

resource "azurerm_management_lock" "database" {
  count = var.deletion_protection ? 1 : 0

  name       = "database"
  scope      = azurerm_postgresql_flexible_server.database.id
  lock_level = "CanNotDelete"
  notes      = "Holds the data of ${var.name}."

  depends_on = [azurerm_postgresql_flexible_server_database.app] # it goes before that, which it would keep too
}

output "database" {
  description = "Name of the database server."
  value       = azurerm_postgresql_flexible_server.database.name
}
