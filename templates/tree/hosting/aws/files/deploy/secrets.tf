# Secrets are drawn by Terraform and go into write-only arguments: neither its state nor its plans hold them. Those of a
# later run are dropped, unless secrets_version was raised.
locals {
  database_password = replace(uuid(), "-", "")
  jwt_secret        = replace("${uuid()}${uuid()}", "-", "")
  metrics_token     = replace(uuid(), "-", "")
}

resource "aws_secretsmanager_secret" "service" {
  name_prefix             = "${var.name}-"
  description             = "Secrets of ${var.name}, each under the name of its environment variable"
  recovery_window_in_days = var.deletion_protection ? 30 : 0
}

resource "aws_secretsmanager_secret_version" "service" {
  secret_id                = aws_secretsmanager_secret.service.id
  secret_string_wo_version = var.secrets_version

  secret_string_wo = jsonencode({
    DATABASE_URL  = local.database_url
    JWT_SECRET    = local.jwt_secret
    METRICS_TOKEN = local.metrics_token
  })
}
