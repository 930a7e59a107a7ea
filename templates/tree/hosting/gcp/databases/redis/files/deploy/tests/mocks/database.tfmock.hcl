mock_resource "google_memorystore_instance" {
  defaults = {
    endpoints = [{
      connections = [{
        psc_auto_connection = [{
          connection_type    = "CONNECTION_TYPE_PRIMARY"
          forwarding_rule    = "https://www.googleapis.com/compute/v1/projects/example-123456/regions/europe-west1/forwardingRules/sca-auto-fr-0"
          ip_address         = "10.0.0.3"
          network            = "projects/example-123456/global/networks/shop"
          port               = 6379
          project_id         = "example-123456"
          psc_connection_id  = "1"
          service_attachment = "projects/1/regions/europe-west1/serviceAttachments/sa-1"
        }]
      }]
    }]

    managed_server_ca = [{
      ca_certs = [{
        certificates = ["-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"]
      }]
    }]
  }
}
