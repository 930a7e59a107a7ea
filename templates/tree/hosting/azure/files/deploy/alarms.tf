resource "azurerm_monitor_action_group" "alarms" {
  name                = "${var.name}-alarms"
  resource_group_name = azurerm_resource_group.main.name
  short_name          = substr(replace(var.name, "-", ""), 0, 12)
  tags                = local.tags

  dynamic "email_receiver" {
    for_each = var.alarm_email == null ? [] : [var.alarm_email]

    content {
      name          = "email"
      email_address = email_receiver.value
    }
  }
}

resource "azurerm_monitor_metric_alert" "errors" {
  name                = "${var.name}-errors"
  resource_group_name = azurerm_resource_group.main.name
  scopes              = [azurerm_container_app.service.id]
  description         = "${var.name} answers with errors of its own (5xx)."
  severity            = 1
  frequency           = "PT1M"
  window_size         = "PT5M"
  tags                = local.tags

  criteria {
    metric_namespace = "Microsoft.App/containerApps"
    metric_name      = "Requests"
    aggregation      = "Total"
    operator         = "GreaterThan"
    threshold        = 15

    dimension {
      name     = "statusCodeCategory"
      operator = "Include"
      values   = ["5xx"]
    }
  }

  action {
    action_group_id = azurerm_monitor_action_group.alarms.id
  }
}

resource "azurerm_monitor_metric_alert" "latency" {
  name                = "${var.name}-latency"
  resource_group_name = azurerm_resource_group.main.name
  scopes              = [azurerm_container_app.service.id]
  description         = "Requests to ${var.name} take longer than ${var.latency_alarm_seconds} s on average."
  severity            = 2
  frequency           = "PT5M"
  window_size         = "PT15M"
  tags                = local.tags

  criteria {
    metric_namespace = "Microsoft.App/containerApps"
    metric_name      = "ResponseTime"
    aggregation      = "Average"
    operator         = "GreaterThan"
    threshold        = 1000 * var.latency_alarm_seconds
  }

  action {
    action_group_id = azurerm_monitor_action_group.alarms.id
  }
}
