package io.shopbridge.salesforce;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * One HTTP call to an org.
 *
 * @param crm       name of the CRM
 * @param operation what the call is for, as messages name it
 * @param method    GET, POST, …
 * @param path      what follows the {@code data} of the API version in crm.yaml; an absolute path is taken as it is
 * @param body      null where there is none
 * @param upload    CSV to send instead; null where there is none
 * @param csv       whether a success is answered in CSV, and not in JSON
 */
record SalesforceRequest(String crm, String operation, String method, String path, JsonNode body, byte[] upload,
        boolean csv) {

    SalesforceRequest(String crm, String operation, String method, String path, JsonNode body) {
        this(crm, operation, method, path, body, null, false);
    }
}
