mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  region = "eu-central-1"
  image  = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:1"
}

run "database" {
  assert {
    condition     = toset(aws_docdb_subnet_group.database.subnet_ids) == toset(aws_subnet.database[*].id) && aws_docdb_cluster.database.vpc_security_group_ids == toset([aws_security_group.database.id])
    error_message = "The database must not be public."
  }

  assert {
    condition     = one([for parameter in aws_docdb_cluster_parameter_group.database.parameter : parameter.value if parameter.name == "tls"]) == "enabled" && aws_docdb_cluster.database.db_cluster_parameter_group_name == aws_docdb_cluster_parameter_group.database.name
    error_message = "The server must insist on TLS."
  }

  assert {
    condition     = endswith(local.database_url, "@shop.cluster-abcdefghijkl.eu-central-1.docdb.amazonaws.com:27017/app?tls=true&replicaSet=rs0&retryWrites=false") && local.database_environment.DATABASE_CA_FILE == "/etc/ssl/rds.pem"
    error_message = "The service must verify the server, and not retry writes, which DocumentDB cannot."
  }

  assert {
    condition     = aws_docdb_cluster.database.master_password == null && aws_docdb_cluster.database.master_password_wo_version == 1
    error_message = "The password must be write-only."
  }

  assert {
    condition     = aws_docdb_cluster.database.storage_encrypted && aws_docdb_cluster.database.backup_retention_period == 7
    error_message = "The storage must be encrypted, and there must be backups."
  }

  assert {
    condition     = aws_docdb_cluster.database.deletion_protection && !aws_docdb_cluster.database.skip_final_snapshot
    error_message = "Deletion protection must be on by default."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.service_to_database.from_port == 27017
    error_message = "The way to the database must be open for its port."
  }
}

run "teardown" {
  variables {
    deletion_protection = false
  }

  assert {
    condition     = !aws_docdb_cluster.database.deletion_protection && aws_docdb_cluster.database.skip_final_snapshot
    error_message = "Without deletion protection, the database must go without a trace."
  }

  assert {
    condition     = !aws_lb.main.enable_deletion_protection && aws_secretsmanager_secret.service.recovery_window_in_days == 0 && aws_ecr_repository.service.force_delete
    error_message = "Without deletion protection, everything must go at once."
  }
}
