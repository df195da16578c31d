package io.shopbridge.salesforce;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.sandbox.Options;
import io.shopbridge.sandbox.SalesforceOrg;
import io.shopbridge.sandbox.SimulatedSalesforce;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From a webhook to an org: contacts, accounts, orders with their lines, and what an org refuses. */
class SalesforceTest {

    private static SimulatedSalesforce salesforce;
    private static RunningShopbridge shopbridge;

    @BeforeAll
    static void start() {
        salesforce = SimulatedSalesforce.start(0, Options.defaults(),
                SalesforceOrg.defaults().withLocks(Duration.ZERO, Duration.ofMillis(50)));
        shopbridge = RunningShopbridge.with(
                "--shopbridge.stores.main.crms=salesforce",
                "--shopbridge.crms.salesforce.base-url=" + salesforce.baseUrl(),
                "--shopbridge.crms.salesforce.client-id=" + SimulatedSalesforce.CLIENT_ID,
                "--shopbridge.crms.salesforce.client-secret=" + Options.DEFAULT_TOKEN);
    }

    @AfterAll
    static void stop() {
        shopbridge.close();
        salesforce.close();
    }

    @BeforeEach
    void reset() {
        salesforce.faults().clear();
        shopbridge.reset();
        salesforce.clear();
    }

    @Test
    void aCustomerBecomesAContactUnderAnAccountOfItsOwn() {
        customer(7, "'email': 'Ada@example.com', 'first_name': 'Ada', 'last_name': 'Lovelace'");
        shopbridge.awaitIdle();
        ObjectNode contact = one("Contact", "main:7");
        assertThat(contact.path("Email").asText()).isEqualTo("ada@example.com");
        assertThat(contact.path("client").asText()).isEqualTo("shopbridge");
        assertThat(one("Account", "contact:main:7").path("Id")).isEqualTo(contact.path("AccountId"));
    }

    private static void customer(long id, String fields) {
        assertThat(shopbridge.post("customers/update", json("{'id': " + id + ", 'updated_at': '2026-03-01T10:00:00Z', "
                + fields + "}"))).isEqualTo(200);
    }

    private static ObjectNode one(String object, String key) {
        List<ObjectNode> found = salesforce.records(object).stream()
                .filter(record -> record.path("Shopbridge_Key__c").asText().equals(key)).toList();
        assertThat(found).as(object + " " + key).hasSize(1);
        return found.get(0);
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }
}
