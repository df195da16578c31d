package io.shopbridge.deliver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shopbridge.RunningShopbridge;
import io.shopbridge.sandbox.pipedrive.Company;
import io.shopbridge.sandbox.pipedrive.SimulatedPipedrive;
import io.shopbridge.sandbox.server.Options;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * CRMs that allow few calls, and others who use part of them: whatever arrives together is delivered, each once, and
 * few calls are spent on it. Time passes faster than in life, for the CRMs' limits and for ours.
 */
class LimitsIT {

    /** Pipedrive as if it had too many persons to list them: each is searched. */
    private static final String SEARCHING = "searching";

    private static SimulatedPipedrive pipedrive;
    private static RunningShopbridge shopbridge;

    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeAll
    static void start() throws IOException {
        pipedrive = SimulatedPipedrive.start(0, RunningShopbridge.options()
                .withSearchLag(Duration.ofMillis(100)),
                Company.defaults().withDailyTokens(1_000_000));
        Path mappings = RunningShopbridge.fastMappings();
        copy(mappings.resolve("pipedrive"), mappings.resolve(SEARCHING));
        Path crm = mappings.resolve(SEARCHING).resolve("crm.yaml");
        Files.writeString(crm, Files.readString(crm).replaceAll("(?m)^listed:\n(  .*\n)+", ""));
        List<String> settings = new ArrayList<>(List.of("--shopbridge.mappings-dir=" + mappings));
        for (String crmName : List.of("pipedrive", SEARCHING)) {
            settings.add("--shopbridge.stores." + crmName + ".domain=" + crmName + ".myshopify.com");
            settings.add("--shopbridge.stores." + crmName + ".webhook-secrets=" + RunningShopbridge.SECRET);
            settings.add("--shopbridge.stores." + crmName + ".region=US");
            settings.add("--shopbridge.stores." + crmName + ".crms=" + crmName);
            settings.add("--shopbridge.crms." + crmName + ".base-url=" + pipedrive.baseUrl());
            settings.add("--shopbridge.crms." + crmName + ".token=" + Options.DEFAULT_TOKEN);
            settings.add("--shopbridge.crms." + crmName + ".time-zone=UTC");
        }
        shopbridge = RunningShopbridge.with(settings.toArray(String[]::new));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }

    @AfterAll
    static void stop() {
        shopbridge.close();
        pipedrive.close();
    }

    @BeforeEach
    void reset() {
        pipedrive.faults().clear();
        pipedrive.othersSearch(0);
        shopbridge.hubspot.othersSearch(0);
        shopbridge.reset();
        pipedrive.clear();
    }

    @Test
    void manyNewCustomersAreSearchedAndCreatedWithinTheLimits() {
        customers(SEARCHING, 40);
        awaitDelivered(SEARCHING, 40);
        // Key, e-mail and phone of each, at 20 tokens, and the create at 5: nothing is asked twice.
        assertThat(pipedrive.tokensSpent()).isLessThanOrEqualTo(40 * 65 + 200);
    }

    @Test
    void ofFewPersonsOneListingTellsWhatSearchesWould() {
        String there = add("""
                {"name": "Buyer 3", "emails": [{"value": "Buyer3@example.com", "primary": true}]}""");
        long searched = searches();
        customers("pipedrive", 40);
        shopbridge.awaitIdle();
        assertThat(pipedrive.records("persons")).hasSize(40).anyMatch(person ->
                person.path("id").asText().equals(there) && !person.path("custom_fields").isEmpty());
        assertThat(searches()).isEqualTo(searched);
        // Whoever is made by a person later is found as well, and so is who changed.
        String later = add("""
                {"name": "Buyer 40", "phones": [{"value": "(503) 228-0040", "primary": true}]}""");
        edit(there, """
                {"emails": [{"value": "buyer41@example.com", "primary": true}], "custom_fields": {}}""");
        customer("pipedrive", 40);
        shopbridge.awaitIdle();
        assertThat(pipedrive.records("persons")).hasSize(41).anyMatch(person ->
                person.path("id").asText().equals(later) && !person.path("emails").isEmpty());
    }

    @Test
    void whatAClaimHasFoundIsKeptHoweverOftenTheCrmAsksToWait() {
        pipedrive.othersSearch(9);
        customers(SEARCHING, 4);
        awaitDelivered(SEARCHING, 4);
        assertThat(shopbridge.count("SELECT count(*) FROM outcome WHERE crm = ? AND outcome = 'delivered'"
                + " AND attempt > 1", SEARCHING)).isZero();
    }

    @Test
    void theDaysBudgetIsNotSpentOnWaiting() {
        pipedrive.faults().answer(429, 1, 1000);
        long before = calls();
        customers(SEARCHING, 10);
        await().until(() -> shopbridge.count("SELECT count(*) FROM crm_pause WHERE crm = ? AND until > clock_timestamp()"
                + " + interval '3 seconds'", SEARCHING) == 1);
        assertThat(calls() - before).isLessThan(20);
        pipedrive.faults().clear();
        shopbridge.endThePause();
        awaitDelivered(SEARCHING, 10);
    }

    @Test
    void hubSpotsSearchesSufficeForAPausesBacklogWhileOthersUseMostOfThem() {
        shopbridge.hubspot.othersSearch(3);
        shopbridge.jdbc().update("INSERT INTO crm_pause VALUES ('hubspot', clock_timestamp() + interval '1 hour',"
                + " 'a test')");
        IntStream.range(0, 400).parallel().forEach(i ->
                assertThat(shopbridge.post("customers/create", body(i))).isEqualTo(200));
        await().until(() -> shopbridge.count("SELECT count(*) FROM work WHERE crm = 'hubspot'") == 400);
        shopbridge.jdbc().update("DELETE FROM crm_pause");
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot.records("contacts")).hasSize(400);
    }

    private static long calls() {
        return pipedrive.calls().values().stream().mapToLong(Long::longValue).sum();
    }

    private static long searches() {
        return pipedrive.calls().entrySet().stream().filter(call -> call.getKey().contains("persons/search"))
                .mapToLong(Map.Entry::getValue).sum();
    }

    private static void awaitDelivered(String store, int customers) {
        shopbridge.awaitIdle();
        assertThat(pipedrive.records("persons")).hasSize(customers);
        assertThat(shopbridge.count("SELECT count(*) FROM outcome WHERE crm = ? AND outcome = 'delivered'", store))
                .isEqualTo(customers);
    }

    private static void customers(String store, int count) {
        IntStream.range(0, count).parallel().forEach(i -> customer(store, i));
    }

    private static void customer(String store, int number) {
        assertThat(shopbridge.postTo(store, store + ".myshopify.com", "customers/create", body(number))).isEqualTo(200);
    }

    private static String body(int number) {
        return """
                {"id": %d, "email": "buyer%d@example.com", "phone": "+1503228%04d", "first_name": "Buyer",
                 "last_name": "%d", "updated_at": "2026-11-26T08:00:00Z"}"""
                .formatted(9_600_000_000L + number, number, number, number);
    }

    private String add(String person) {
        String answer = call("POST", pipedrive.baseUrl() + "/api/v2/persons", person).body();
        return shopbridge.object(answer).at("/data/id").asText();
    }

    private void edit(String id, String person) {
        assertThat(call("PATCH", pipedrive.baseUrl() + "/api/v2/persons/" + id, person).statusCode())
                .isEqualTo(200);
    }

    /** As a user does it on the CRM's pages. */
    private HttpResponse<String> call(String method, String uri, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(uri)).method(method, BodyPublishers.ofString(body))
                .header("x-api-token", Options.DEFAULT_TOKEN).header("Content-Type", "application/json")
                .header("X-Sandbox-By-Person", "true").build();
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
