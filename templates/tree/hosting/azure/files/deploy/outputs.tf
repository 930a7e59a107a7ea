output "url" {
  description = "Where the service is reached."
  value       = "https://${azurerm_container_app.service.ingress[0].fqdn}"
}

output "registry" {
  description = "Name of the image registry."
  value       = azurerm_container_registry.service.name
}

output "repository" {
  description = "Where images are pushed."
  value       = "${azurerm_container_registry.service.login_server}/${var.name}"
}

output "image" {
  description = "The image that was rolled out last."
  value       = azurerm_container_app.service.template[0].container[0].image
}

output "migration" {
  description = "What deploy/migrate runs, and where."
  value = {
    job            = azurerm_container_app_job.migrate.name
    resource_group = azurerm_container_app_job.migrate.resource_group_name
  }
}

output "service" {
  description = "The container app, and its resource group."
  value = {
    name           = azurerm_container_app.service.name
    resource_group = azurerm_container_app.service.resource_group_name
  }
}

output "deploy_client_id" {
  description = "Whom the deploy workflow acts as: set it as the repository's variable AZURE_CLIENT_ID."
  value       = one(azurerm_user_assigned_identity.deploy[*].client_id)
}

output "tenant_id" {
  description = "Where the deploy workflow signs in: set it as the repository's variable AZURE_TENANT_ID."
  value       = data.azurerm_client_config.current.tenant_id
}
