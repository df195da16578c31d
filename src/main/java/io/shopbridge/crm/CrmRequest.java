package io.shopbridge.crm;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * The HTTP request that a call becomes, without host and credentials.
 *
 * @param method GET, POST, …
 * @param path   what follows the CRM's base URL, with its query
 * @param body   null where there is none
 */
public record CrmRequest(String method, String path, JsonNode body) {
}
