mock_resource "google_sql_database_instance" {
  defaults = {
    dns_name           = ""
    private_ip_address = "10.1.0.3"

    dns_names = [{
      connection_type = "PRIVATE_SERVICES_ACCESS"
      dns_scope       = "INSTANCE"
      name            = "0123456789ab.abcdefghijkl.europe-west1.sql-psa.goog."
    }]

    server_ca_cert = [{
      cert             = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
      common_name      = "Google Cloud SQL Server CA"
      create_time      = "2026-11-20T10:00:00Z"
      expiration_time  = "2036-11-20T10:00:00Z"
      sha1_fingerprint = "0123456789abcdef0123456789abcdef01234567"
    }]
  }
}
