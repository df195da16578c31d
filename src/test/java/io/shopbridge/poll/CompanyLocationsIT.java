package io.shopbridge.poll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.backfill.Backfill;
import io.shopbridge.backfill.BackfillScope;
import io.shopbridge.backfill.Backfills;
import io.shopbridge.sandbox.salesforce.ShopbridgeFields;
import io.shopbridge.sandbox.salesforce.SimulatedSalesforce;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.shop.AdminOptions;
import io.shopbridge.sandbox.shop.ShopEvent;
import io.shopbridge.sandbox.shop.ShopModel;
import io.shopbridge.sandbox.shop.SimulatedAdminApi;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Locations of companies as accounts of their own, by each way on which Shopify tells of them. */
class CompanyLocationsIT {

    private static final Instant START = Instant.now().minus(Duration.ofMinutes(30)).truncatedTo(ChronoUnit.SECONDS);
    private static final String NEVER = "0 0 0 1 1 ? 2099";

    private final ShopModel model = ShopModel.stepping(1, START, Duration.ofSeconds(3)).withCartsAndCompanies();
    private final List<ShopEvent> events =
            Stream.concat(model.events(30).stream(), model.largeOrder(2, 4).stream()).toList();
    private SimulatedAdminApi shop;
    private SimulatedSalesforce salesforce;
    private RunningShopbridge shopbridge;

    @BeforeEach
    void start() {
        shop = SimulatedAdminApi.start(0, AdminOptions.defaults().withDomain(RunningShopbridge.DOMAIN)
                .withBulkTime(Duration.ofMillis(50)), model);
        salesforce = SimulatedSalesforce.start(0, RunningShopbridge.options(), ShopbridgeFields.org());
        shopbridge = RunningShopbridge.with("--shopbridge.stores.main.admin.url=" + shop.baseUrl(),
                "--shopbridge.stores.main.admin.access-token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.schedules.backfill=* * * * * ?", "--shopbridge.schedules.recount-steps=* * * * * ?",
                "--shopbridge.stores.main.polls.order=" + NEVER,
                "--shopbridge.stores.main.polls.customer=" + NEVER, "--shopbridge.stores.main.polls.company=" + NEVER,
                "--shopbridge.stores.main.polls.checkout=" + NEVER,
                "--shopbridge.stores.main.crms=hubspot,salesforce",
                "--shopbridge.crms.hubspot.company-locations=true",
                "--shopbridge.crms.salesforce.company-locations=true",
                "--shopbridge.crms.salesforce.base-url=" + salesforce.baseUrl(),
                "--shopbridge.crms.salesforce.client-id=" + SimulatedSalesforce.CLIENT_ID,
                "--shopbridge.crms.salesforce.client-secret=" + Options.DEFAULT_TOKEN);
    }

    @AfterEach
    void stop() {
        shopbridge.close();
        salesforce.close();
        shop.close();
    }

    @Test
    void locationsComeAlikeByWebhooksByPollsAndByABackfill() {
        events.forEach(event -> assertThat(shopbridge.post(event)).isEqualTo(200));
        shopbridge.settle();
        Map<String, String> inHubSpot = hubspot();
        Map<String, String> inSalesforce = salesforce();
        assertThat(inHubSpot).hasSizeGreaterThan(4).containsOnlyKeys(inSalesforce.keySet().stream()
                .map(key -> key.replace("main:company:", "main:").replace("main:location:", "main:location-")).toList());
        assertThat(inSalesforce.entrySet()).filteredOn(account -> account.getKey().startsWith("main:location:"))
                .hasSizeGreaterThan(3).allSatisfy(account -> assertThat(account.getValue()).contains(" under main:company:"));

        clear();
        shopbridge.runJobs("poll");
        shopbridge.settle();
        assertThat(hubspot()).as("by polls").isEqualTo(inHubSpot);
        assertThat(salesforce()).as("by polls").isEqualTo(inSalesforce);

        clear();
        backfill();
        assertThat(hubspot()).as("by a backfill").isEqualTo(inHubSpot);
        assertThat(salesforce()).as("by a backfill").isEqualTo(inSalesforce);
    }

    /** As its deletion, of which the webhook was lost. The company itself has not changed. */
    @ParameterizedTest
    @ValueSource(strings = {"poll", "backfill"})
    void aLocationThatIsNotListedAnyMoreIsDeleted(String by) {
        events.forEach(event -> assertThat(shopbridge.post(event)).isEqualTo(200));
        shopbridge.settle();
        String closed = String.valueOf(model.closeLocation());
        list(by);
        assertThat(deleted()).containsExactly("hubspot " + closed, "salesforce " + closed);

        long outcomes = shopbridge.count("SELECT count(*) FROM outcome WHERE outcome <> 'stale'");
        list(by);
        assertThat(shopbridge.count("SELECT count(*) FROM outcome WHERE outcome <> 'stale'"))
                .as("the same again changes nothing").isEqualTo(outcomes);
    }

    @Test
    void aCompanyWhoseDeletionWasLostIsFoundByARecountAndItsLocationsAreDeletedWithIt() {
        events.forEach(event -> assertThat(shopbridge.post(event)).isEqualTo(200));
        shopbridge.settle();
        assertThat(differences(recount())).isEmpty();
        String company = String.valueOf(model.deleteCompany());
        List<String> locations = shopbridge.jdbc().queryForList("SELECT substr(facet, length('location:') + 1)"
                + " FROM mirror_facet WHERE entity = 'company' AND record_id = ? AND facet LIKE 'location:%'", String.class,
                company);
        assertThat(locations).isNotEmpty();

        assertThat(differences(recount())).containsExactly("deleted [\"company/" + company + "\"]");
        shopbridge.settle();
        assertThat(deleted()).containsExactlyElementsOf(Stream.of("hubspot ", "salesforce ")
                .flatMap(crm -> locations.stream().sorted().map(id -> crm + id)).toList());
    }

    /** Of companies. */
    private static List<String> differences(JsonNode recount) {
        return StreamSupport.stream(recount.path("differences").spliterator(), false)
                .filter(one -> one.path("entity").asText().equals("company"))
                .map(one -> one.path("class").asText() + " " + one.path("examples")).toList();
    }

    private JsonNode recount() {
        long id = shopbridge.operator("POST", "/api/v1/recounts", "{\"store\": \"main\", \"repair\": true}").path("id")
                .asLong();
        await().until(() -> !shopbridge.operator("GET", "/api/v1/recounts/" + id).path("state").asText().equals("running"));
        JsonNode ended = shopbridge.operator("GET", "/api/v1/recounts/" + id);
        assertThat(ended.path("state").asText()).as("%s", ended).isEqualTo("done");
        return ended;
    }

    private void list(String by) {
        if (by.equals("poll")) {
            shopbridge.bean(Watermarks.class).readAgain("main", "company", START);
            shopbridge.runJobs("poll");
            shopbridge.settle();
        } else {
            backfill();
        }
    }

    private List<String> deleted() {
        return shopbridge.jdbc().queryForList("SELECT crm || ' ' || record_id FROM outcome WHERE entity ="
                + " 'company_location' AND outcome = 'skipped' AND because LIKE 'deleted in Shopify%' ORDER BY 1",
                String.class);
    }

    private void backfill() {
        Backfills backfills = shopbridge.bean(Backfills.class);
        long id = backfills.ask("main", List.of("company"), new BackfillScope(null, null, false)).get(0).id();
        await().until(() -> backfills.find(id).map(Backfill::endedAt).isPresent());
        assertThat(backfills.find(id).orElseThrow().state()).isEqualTo(Backfill.State.ENDED);
        shopbridge.settle();
    }

    private void clear() {
        shopbridge.reset();
        salesforce.clear();
    }

    /** Of each account of Shopify's its name and what it is under, by its key. */
    private Map<String, String> hubspot() {
        Map<String, JsonNode> byKey = shopbridge.hubspot.records("companies").stream()
                .collect(Collectors.toMap(one -> one.at("/properties/shopify_company_key").asText(), Function.identity()));
        Map<String, String> keys = byKey.entrySet().stream()
                .collect(Collectors.toMap(one -> one.getValue().path("id").asText(), Map.Entry::getKey));
        Map<String, String> accounts = new TreeMap<>();
        byKey.forEach((key, one) -> accounts.put(key, one.at("/properties/name").asText() + " under "
                + keys.get(shopbridge.hubspot.parentCompany(one.path("id").asText()))));
        return accounts;
    }

    private Map<String, String> salesforce() {
        Map<String, String> keys = salesforce.records("Account").stream().collect(Collectors.toMap(
                one -> one.path("Id").asText(), one -> one.path("Shopbridge_Key__c").asText()));
        Map<String, String> accounts = new TreeMap<>();
        salesforce.records("Account").stream()
                .filter(one -> one.path("Shopbridge_Key__c").asText().matches("main:(company|location):.*"))
                .forEach(one -> accounts.put(one.path("Shopbridge_Key__c").asText(), one.path("Name").asText() + " under "
                        + keys.get(one.path("ParentId").asText())));
        return accounts;
    }
}
