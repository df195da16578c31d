package io.shopbridge.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.sandbox.crmone.SimulatedCrmOne;
import io.shopbridge.sandbox.hubspot.SimulatedHubSpot;
import io.shopbridge.sandbox.pipedrive.Company;
import io.shopbridge.sandbox.pipedrive.SimulatedPipedrive;
import io.shopbridge.sandbox.salesforce.SimulatedSalesforce;
import io.shopbridge.sandbox.server.Http;
import io.shopbridge.sandbox.server.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** A field that only a mapping names is in every simulated account once that was set up again. */
@ExtendWith(OutputCaptureExtension.class)
class SandboxAccountsIT {

    private static final Map<String, String> FIELDS = Map.of(
            "hubspot/customer-to-contact.yaml", "shopify_locale", "crm-one/customer-to-contact.yaml", "locale",
            "pipedrive/customer-to-person.yaml", "shopify_locale",
            "salesforce/customer-to-contact.yaml", "Shopify_Locale__c");

    private final Path mappings = RunningShopbridge.fastMappings();

    @Test
    void anAddedFieldIsThereWithoutALineOfJava(CapturedOutput log) throws IOException {
        Options options = RunningShopbridge.options();
        try (SimulatedHubSpot hubspot = SimulatedHubSpot.start(0, options);
                SimulatedCrmOne crmOne = SimulatedCrmOne.start(0, options);
                SimulatedPipedrive pipedrive = SimulatedPipedrive.start(0, options, Company.defaults());
                SimulatedSalesforce salesforce = SimulatedSalesforce.start(0, options)) {
            List<String> settings = List.of("--shopbridge.mappings-dir=" + mappings,
                    "--shopbridge.crms.hubspot.base-url=" + hubspot.baseUrl(),
                    "--shopbridge.crms.hubspot.token=" + Options.DEFAULT_TOKEN,
                    "--shopbridge.crms.crm-one.base-url=" + crmOne.baseUrl(),
                    "--shopbridge.crms.crm-one.token=" + Options.DEFAULT_TOKEN,
                    "--shopbridge.crms.pipedrive.base-url=" + pipedrive.baseUrl(),
                    "--shopbridge.crms.pipedrive.token=" + Options.DEFAULT_TOKEN,
                    "--shopbridge.crms.salesforce.base-url=" + salesforce.baseUrl(),
                    "--shopbridge.crms.salesforce.client-id=" + SimulatedSalesforce.CLIENT_ID,
                    "--shopbridge.crms.salesforce.client-secret=" + Options.DEFAULT_TOKEN);
            SandboxAccounts.setUp(settings);
            for (String mapping : FIELDS.keySet()) {
                insert(mapping, "fields:\n", "  " + FIELDS.get(mapping) + ": { from: .locale, owner: shopify }\n");
            }
            insert("crm-one/fields.yaml", "  contacts: \\[", "locale, ");
            SandboxAccounts.setUp(settings);

            // Of Salesforce a doctor that creates nothing has looked again.
            assertThat(log.getAll()).doesNotContain("not as the mappings need it", "could not be set up");
            JsonNode properties = new Http(hubspot.baseUrl(), Options.DEFAULT_TOKEN)
                    .get("/crm/properties/2026-09/contacts").body();
            assertThat(properties.findValuesAsText("name")).contains("shopify_locale", "shopify_customer_key");
            JsonNode fields = new Http(pipedrive.baseUrl(), Options.DEFAULT_TOKEN)
                    .send("GET", "/api/v2/personFields?limit=500", null, "x-api-token", Options.DEFAULT_TOKEN).body();
            assertThat(fields.findValuesAsText("field_name")).contains("Shopify locale", "Shopify customer key");
            assertThat(new Http(crmOne.baseUrl(), Options.DEFAULT_TOKEN).send("PUT", "/v1/contacts/bulk",
                    "{'items': [{'fields': {'email': 'ada@example.com', 'locale': 'en-CA'}}]}").body()
                    .at("/results/0/status").asText()).isEqualTo("created");
        }
    }

    private void insert(String name, String after, String text) throws IOException {
        Path file = mappings.resolve(name);
        Files.writeString(file, Files.readString(file).replaceFirst("(?m)^" + after, "$0" + text));
    }
}
