package io.shopbridge.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.inbox.Event;
import io.shopbridge.inbox.Inbox;
import io.shopbridge.sandbox.pipedrive.Company;
import io.shopbridge.sandbox.pipedrive.SimulatedPipedrive;
import io.shopbridge.sandbox.server.Options;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Orders of nobody are the anonymous contact's, for deliveries, comparisons and explanations alike. */
class AnonymousContactIT {

    private static final String SALES = "sales";
    private static final String ORDER = "5200000000000000017";
    private static final String FOUND = "order/" + ORDER + " wrong-parent ";
    /** The first that the simulator gives. */
    private static final String CONTACT = "501";

    private static String person;
    private static SimulatedPipedrive pipedrive;
    private static RunningShopbridge shopbridge;

    @BeforeAll
    static void start() throws Exception {
        pipedrive = SimulatedPipedrive.start(0, RunningShopbridge.options().withSearchLag(Duration.ZERO),
                Company.defaults());
        person = person("Till");
        shopbridge = RunningShopbridge.with("--shopbridge.schedules.reconcile-steps=* * * * * ?",
                "--shopbridge.stores." + SALES + ".domain=sales.myshopify.com",
                "--shopbridge.stores." + SALES + ".webhook-secrets=" + RunningShopbridge.SECRET,
                "--shopbridge.stores." + SALES + ".crms=pipedrive",
                "--shopbridge.crms.pipedrive.base-url=" + pipedrive.baseUrl(),
                "--shopbridge.crms.pipedrive.token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.crms.pipedrive.time-zone=UTC",
                "--shopbridge.crms.pipedrive.anonymous-contact=" + person,
                "--shopbridge.crms.hubspot.anonymous-contact=" + CONTACT);
        assertThat(shopbridge.hubspotHas("contacts", "{\"lastname\": \"Till\"}")).isEqualTo(CONTACT);
        answered("main");
        answered(SALES);
        shopbridge.settle();
    }

    @AfterAll
    static void stop() {
        shopbridge.close();
        pipedrive.close();
    }

    @Test
    void whereItIsAnAssociationOnlyWhatAPersonTookOffIsFoundAndPutBackOnce() {
        String order = shopbridge.hubspot("orders", "shopify_order_key", "main:" + ORDER).path("id").asText();
        assertThat(base("hubspot", "@contact")).isEqualTo(CONTACT);
        assertThat(found("hubspot", "[\"all\"]")).isEmpty();

        shopbridge.hubspotUserUnrelates(order, "contacts", CONTACT);
        assertThat(found("hubspot", "[\"all\"]")).containsExactly("main/" + FOUND + "contact");
        shopbridge.settle();
        assertThat(found("hubspot", "[\"all\"]")).isEmpty();

        String buyer = shopbridge.hubspotHas("contacts", "{\"lastname\": \"Lindqvist\"}");
        shopbridge.hubspotUserUnrelates(order, "contacts", CONTACT);
        shopbridge.hubspotUserRelates(order, "contacts", buyer);
        assertThat(found("hubspot", "[\"all\"]")).as("a user has found out whose it is").isEmpty();
    }

    @Test
    void whereItIsAFieldOnlyWhatAPersonTookOffIsFoundAndPutBackOnce() throws Exception {
        assertThat(base("pipedrive", "person_id")).isEqualTo(person);
        assertThat(found("pipedrive", "[\"all\"]")).isEmpty();
        assertThat(because()).isEqualTo("the CRM has it already");

        edit("{\"person_id\": null}");
        assertThat(because()).startsWith("it must point to the anonymous contact, which is " + person + " there; but"
                + " nothing makes it due: a reconciliation");
        assertThat(found("pipedrive", "[\"all\"]")).containsExactly(SALES + "/" + FOUND + "person");
        shopbridge.settle();
        assertThat(deal().path("person_id").asText()).isEqualTo(person);
        assertThat(found("pipedrive", "[\"all\"]")).isEmpty();

        String buyer = person("Lindqvist");
        edit("{\"person_id\": " + buyer + "}");
        assertThat(found("pipedrive", "[\"all\"]")).as("a user has found out whose it is").isEmpty();
        assertThat(because()).isEqualTo("Shopify's record names no customer, so the one that somebody gave it in the CRM"
                + " stays");
        assertThat(explained().path("would_write").asBoolean()).isFalse();
    }

    /** As a poll brings an order of a till. */
    private static void answered(String store) throws IOException {
        ObjectNode order = (ObjectNode) shopbridge.object(Files.readString(
                Path.of("mappings/shopify/samples/order-answer.json"))).at("/data/order");
        List.of("customer", "email", "phone", "billingAddress", "shippingAddress", "purchasingEntity")
                .forEach(order::putNull);
        byte[] body = order.toString().getBytes(StandardCharsets.UTF_8);
        shopbridge.bean(Inbox.class).keep(new Event(store, "api/order", store, null, Instant.now(),
                Event.fingerprint(store, body), body));
    }

    private static String base(String crm, String entry) {
        return shopbridge.jdbc().queryForObject("SELECT base::jsonb ->> ? FROM link WHERE crm = ? AND entity = 'order'",
                String.class, entry, crm);
    }

    private static JsonNode explained() {
        return shopbridge.operator("GET", "/api/v1/explanations?crm=pipedrive&store=" + SALES + "&record=order/" + ORDER
                + "&field=person_id").at("/fields/0");
    }

    private static String because() {
        return explained().path("because").asText();
    }

    private static ObjectNode deal() {
        assertThat(pipedrive.records("deals")).hasSize(1);
        return pipedrive.records("deals").get(0);
    }

    private static void edit(String changes) {
        pipedrive.editAsUser("deals", deal().path("id").asText(), shopbridge.object(changes));
    }

    private static String person(String name) throws IOException, InterruptedException {
        return new ObjectMapper().readTree(HttpClient.newHttpClient().send(HttpRequest.newBuilder(
                URI.create(pipedrive.baseUrl() + "/api/v2/persons")).header("x-api-token", Options.DEFAULT_TOKEN)
                .header("Content-Type", "application/json").POST(BodyPublishers.ofString("{\"name\": \"" + name + "\"}"))
                .build(), BodyHandlers.ofString()).body()).at("/data/id").asText();
    }

    /** Each as its record, the class and the field. */
    private static List<String> found(String crm, String repair) {
        long id = shopbridge.operator("POST", "/api/v1/reconciliations", "{\"crm\": \"" + crm + "\", \"repair\": " + repair
                + "}").path("id").asLong();
        await().until(() -> !find(id).path("state").asText().equals("running"));
        assertThat(find(id).path("state").asText()).isEqualTo("done");
        List<String> found = new ArrayList<>();
        find(id).path("differences").forEach(one -> one.path("examples").forEach(example ->
                found.add(example.asText().replaceFirst(" -> .*", "") + " " + one.path("class").asText() + " "
                        + one.path("field").asText(""))));
        return found;
    }

    private static JsonNode find(long id) {
        return shopbridge.operator("GET", "/api/v1/reconciliations/" + id);
    }
}
