mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  region = "eu-central-1"
  image  = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:1"
}

run "database" {
  assert {
    condition     = toset(aws_memorydb_subnet_group.database.subnet_ids) == toset(aws_subnet.database[*].id) && aws_memorydb_cluster.database.security_group_ids == toset([aws_security_group.database.id])
    error_message = "The database must not be public."
  }

  assert {
    condition     = aws_memorydb_cluster.database.tls_enabled && startswith(local.database_url, "rediss://${var.name}:") && endswith(local.database_url, "@clustercfg.shop.abcdef.memorydb.eu-central-1.amazonaws.com:6379/0")
    error_message = "The server must insist on TLS, and the service must verify it."
  }

  assert {
    condition     = aws_memorydb_cluster.database.acl_name == aws_memorydb_acl.database.name && aws_memorydb_acl.database.user_names == toset([jsondecode(aws_cloudformation_stack.database_user.template_body).Resources.User.Properties.UserName])
    error_message = "Nobody gets in but the one user."
  }

  assert {
    condition     = jsondecode(aws_cloudformation_stack.database_user.template_body).Resources.User.Properties.AuthenticationMode == { Type = "password", Passwords = ["{{resolve:secretsmanager:${aws_secretsmanager_secret.database_password.arn}:SecretString:::${aws_secretsmanager_secret_version.database_password.version_id}}}"] }
    error_message = "The user needs the password, which CloudFormation must read from the secret: the state holds the template."
  }

  assert {
    condition     = aws_secretsmanager_secret_version.database_password.secret_string == null && aws_secretsmanager_secret_version.database_password.secret_string_wo_version == 1 && length(local.database_password) == 32
    error_message = "The password must be drawn, and write-only, so that the state does not hold it."
  }

  assert {
    condition     = aws_memorydb_cluster.database.num_shards == 1 && aws_memorydb_cluster.database.num_replicas_per_shard == 0
    error_message = "The service knows one server, and takes it for the one that writes."
  }

  assert {
    condition     = aws_memorydb_cluster.database.snapshot_retention_limit == 7 && aws_memorydb_cluster.database.final_snapshot_name == "${var.name}-final"
    error_message = "There must be snapshots, and a last one by default."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.service_to_database.from_port == 6379
    error_message = "The way to the database must be open for its port."
  }
}

run "teardown" {
  variables {
    deletion_protection = false
  }

  assert {
    condition     = aws_memorydb_cluster.database.final_snapshot_name == null
    error_message = "Without deletion protection, the database must go without a trace."
  }

  assert {
    condition     = !aws_lb.main.enable_deletion_protection && aws_secretsmanager_secret.service.recovery_window_in_days == 0 && aws_ecr_repository.service.force_delete
    error_message = "Without deletion protection, everything must go at once."
  }
}
