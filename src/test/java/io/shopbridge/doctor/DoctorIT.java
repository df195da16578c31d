package io.shopbridge.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.TestDatabase;
import io.shopbridge.doctor.Finding.Level;
import io.shopbridge.sandbox.crmone.SimulatedCrmOne;
import io.shopbridge.sandbox.hubspot.SimulatedHubSpot;
import io.shopbridge.sandbox.pipedrive.SimulatedPipedrive;
import io.shopbridge.sandbox.salesforce.Org;
import io.shopbridge.sandbox.salesforce.ShopbridgeFields;
import io.shopbridge.sandbox.salesforce.SimulatedSalesforce;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.shop.AdminOptions;
import io.shopbridge.sandbox.shop.ShopModel;
import io.shopbridge.sandbox.shop.SimulatedAdminApi;
import io.shopbridge.store.SecureAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.jdbc.core.JdbcTemplate;

/** What the doctor finds in the simulated CRMs, set up rightly, wrongly and not at all. */
class DoctorIT {

    private static final Instant NOW = Instant.now();

    @TempDir
    private Path folder;

    @Test
    void anAccountThatIsSetUpHasNoProblems() {
        try (SimulatedHubSpot hubspot = SimulatedHubSpot.start(0, RunningShopbridge.options())) {
            examine(true, hubspot(hubspot));
            List<Finding> findings = examine(false, hubspot(hubspot));
            assertThat(problems(findings)).isEmpty();
            assertThat(findings).extracting(Finding::what).contains("clocks agree",
                    "the token is accepted; account 1234567, time zone America/New_York",
                    "API version 2026-09 is supported until 2028-03-01");
            assertThat(findings.toString()).doesNotContain(Options.DEFAULT_TOKEN);

            Map<String, Object> consent = new LinkedHashMap<>(hubspot(hubspot));
            consent.put("shopbridge.crms.hubspot.subscription-id", "7");
            assertThat(problems(examine(false, consent))).extracting(Finding::todo).singleElement()
                    .asString().contains("1001 (Marketing Information)");

            Map<String, Object> old = new LinkedHashMap<>(hubspot(hubspot));
            old.put("shopbridge.crms.hubspot.api-version", "v3");
            assertThat(examine(false, old)).extracting(Finding::what)
                    .contains("API version v3 is supported until 2027-03-30");
        }
    }

    @Test
    void whatAHubSpotAccountLacksIsListedAndThenCreated() {
        for (String orders : List.of("object", "deal", "activity", "task")) {
            try (SimulatedHubSpot hubspot = SimulatedHubSpot.start(0, RunningShopbridge.options())) {
                Map<String, Object> settings = new LinkedHashMap<>(hubspot(hubspot));
                settings.put("shopbridge.crms.hubspot.orders", orders);
                assertThat(problems(examine(false, settings))).extracting(Finding::what)
                        .contains("contacts.shopify_customer_key (text, unique) is missing",
                                "contacts.shopify_orders_count (number) is missing",
                                "contacts.shopify_email_consent (choice of not_subscribed, pending, subscribed,"
                                        + " unsubscribed) is missing",
                                "contacts.shopify_last_order_at (date and time) is missing");

                assertThat(problems(examine(true, settings))).isEmpty();
                assertThat(problems(examine(false, settings))).as("orders: " + orders).isEmpty();
            }
        }
    }

    /** Of fields that are created together, one is refused: it alone is a problem, with the CRM's own reason. */
    @Test
    void aPropertyThatHubSpotDoesNotCreateIsAProblemAndTheOthersAreCreated() throws IOException {
        mapping("hubspot", "contacts", "my_key", "my_total");
        try (SimulatedHubSpot hubspot = SimulatedHubSpot.start(0, RunningShopbridge.options())) {
            Map<String, Object> settings = new LinkedHashMap<>(hubspot(hubspot));
            settings.putAll(ownMappings());
            List<Finding> findings = examine(true, settings);
            assertThat(problems(findings)).singleElement().extracting(Finding::what).asString()
                    .startsWith("making contacts.my_key (text, unique) was answered 207: This simulator keeps only");
            assertThat(findings).extracting(Finding::what).contains("contacts.my_total (number) was created");
        }
    }

    /** Its value is an object of amount and currency. */
    @Test
    void aCustomFieldForMoneyIsNotANumber() throws IOException {
        mapping("pipedrive", "persons", "shopify_key", "shopify_total");
        try (SimulatedPipedrive pipedrive = SimulatedPipedrive.start(0, RunningShopbridge.options())) {
            Map<String, Object> settings = with(pipedrive, ownMappings());
            pipedrive.defineField("persons", "monetary", "Shopify total");
            assertThat(problems(examine(true, settings))).singleElement().extracting(Finding::what).asString()
                    .contains("persons.shopify_total").contains("the mapping needs");
        }
    }

    @Test
    void theStagesOfOrdersAreComparedWithTheAccounts() {
        try (SimulatedHubSpot hubspot = SimulatedHubSpot.start(0, RunningShopbridge.options())) {
            examine(true, hubspot(hubspot));
            assertThat(examine(false, hubspot(hubspot))).extracting(Finding::what)
                    .anyMatch(what -> what.contains("Order pipeline 8001: Open 8011, Processed 8012"));
            Map<String, Object> settings = new LinkedHashMap<>(hubspot(hubspot));
            settings.put("shopbridge.crms.hubspot.order-pipeline", "8001");
            List.of("open", "processed", "shipped", "delivered").forEach(stage ->
                    settings.put("shopbridge.crms.hubspot.order-stage-" + stage, "8011"));
            assertThat(problems(examine(false, settings))).singleElement()
                    .satisfies(finding -> assertThat(finding.todo()).contains("all of them or none"));

            settings.put("shopbridge.crms.hubspot.order-stage-cancelled", "77");
            assertThat(problems(examine(false, settings))).extracting(Finding::what)
                    .containsExactly("the order pipeline has no stages as [order-stage-cancelled] say");

            settings.put("shopbridge.crms.hubspot.order-stage-cancelled", "8015");
            assertThat(problems(examine(false, settings))).isEmpty();
            assertThat(examine(false, settings)).extracting(Finding::what)
                    .contains("orders move through the pipeline Order pipeline");
        }
    }

    @Test
    void aPropertyOfAnotherTypeIsAProblem() {
        try (SimulatedHubSpot hubspot = SimulatedHubSpot.start(0, RunningShopbridge.options())) {
            examine(true, hubspot(hubspot));
            hubspot.defineProperty("contacts", "shopify_total_spent", "text");
            hubspot.defineProperty("contacts", "shopify_sms_consent", "enum", "subscribed", "unsubscribed");
            hubspot.defineProperty("contacts", "shopify_customer_key", "text");
            assertThat(problems(examine(true, hubspot(hubspot)))).extracting(Finding::what).containsExactlyInAnyOrder(
                    "contacts.shopify_total_spent is of type string; the mapping needs contacts.shopify_total_spent (number)",
                    "contacts.shopify_sms_consent lacks the choices [not_subscribed, pending]",
                    "contacts.shopify_customer_key holds our key but is not unique in the CRM");
        }
    }

    @Test
    void wrongCredentialsScopesAndClocksAreReportedWithWhatToDo() {
        try (SimulatedHubSpot hubspot = SimulatedHubSpot.start(0, Options.defaults().withToken("another"))) {
            assertThat(problems(examine(false, hubspot(hubspot)))).singleElement()
                    .satisfies(finding -> assertThat(finding.todo()).contains("shopbridge.crms.hubspot.token"));
        }
        try (SimulatedHubSpot hubspot = SimulatedHubSpot.start(0, RunningShopbridge.options())) {
            examine(true, hubspot(hubspot));
            Clock slow = Clock.fixed(NOW.minus(Duration.ofMinutes(3)), ZoneOffset.UTC);
            assertThat(problems(new Doctor(environment(hubspot(hubspot)), false, folder, slow).examine()))
                    .singleElement().satisfies(finding -> assertThat(finding.what()).endsWith("s behind the server's"));
        }
        Map<String, Object> nobody = Map.of("shopbridge.crms.hubspot.base-url", "http://localhost:1",
                "shopbridge.crms.hubspot.token", "secret", "shopbridge.crms.crm-one.base-url", "http://localhost:1");
        assertThat(problems(examine(false, nobody))).extracting(Finding::what)
                .anyMatch(what -> what.startsWith("http://localhost:1 does not answer"))
                .anyMatch(what -> what.startsWith("shopbridge.crms.crm-one.token: missing"))
                .contains("no store is configured").noneMatch(what -> what.contains("secret"));
    }

    @Test
    void anyRestCrmIsCheckedByTheLookUpOfAMissingRecord() {
        try (SimulatedCrmOne crmOne = SimulatedCrmOne.start(0, RunningShopbridge.options())) {
            Map<String, Object> settings = new LinkedHashMap<>(store());
            settings.put("shopbridge.crms.crm-one.base-url", crmOne.baseUrl());
            settings.put("shopbridge.crms.crm-one.token", Options.DEFAULT_TOKEN);
            assertThat(problems(examine(false, settings))).isEmpty();
            settings.put("shopbridge.crms.crm-one.token", "another");
            assertThat(problems(examine(false, settings))).singleElement()
                    .satisfies(finding -> assertThat(finding.what()).contains("401"));
        }
    }

    /** As a proxy or a login answers whatever it is asked. */
    @Test
    void aPageIsNotAnAnswerOfACrm() throws IOException {
        HttpServer login = HttpServer.create(new InetSocketAddress("localhost", 0), 0);
        login.createContext("/", exchange -> {
            byte[] body = "<html>Sign in</html>".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        login.start();
        try {
            Map<String, Object> settings = new LinkedHashMap<>(store());
            settings.put("shopbridge.crms.crm-one.base-url", "http://localhost:" + login.getAddress().getPort());
            settings.put("shopbridge.crms.crm-one.token", Options.DEFAULT_TOKEN);
            assertThat(problems(examine(false, settings))).extracting(Finding::what).isNotEmpty()
                    .allSatisfy(what -> assertThat(what).contains("a page instead of JSON"));
        } finally {
            login.stop(0);
        }
    }

    @Test
    void fieldsThatPipedriveLacksAreCreatedByName() throws IOException {
        mapping("pipedrive", "persons", "shopify_key", "shopify_total");
        try (SimulatedPipedrive pipedrive = SimulatedPipedrive.start(0, RunningShopbridge.options())) {
            Map<String, Object> settings = with(pipedrive, ownMappings());
            assertThat(problems(examine(false, settings))).extracting(Finding::what)
                    .containsExactly("persons.shopify_key (text, unique) is missing",
                            "persons.shopify_total (number) is missing");
            assertThat(problems(examine(true, settings))).isEmpty();
            assertThat(problems(examine(false, settings))).isEmpty();
        }
    }

    @Test
    void whatTheMappingsOfPipedriveNeedIsCreatedAndThenFound() {
        for (String orders : List.of("deal", "activity")) {
            try (SimulatedPipedrive pipedrive = SimulatedPipedrive.start(0, RunningShopbridge.options())) {
                Map<String, Object> settings = with(pipedrive, store());
                settings.put("shopbridge.crms.pipedrive.orders", orders);
                assertThat(problems(examine(false, settings))).isNotEmpty()
                        .allMatch(finding -> finding.what().contains("shopify_"));
                assertThat(problems(examine(true, settings))).isEmpty();
                assertThat(problems(examine(false, settings))).isEmpty();
            }
        }
    }

    @Test
    void fieldsThatSalesforceLacksAreWrittenForDeployment() throws IOException {
        mapping("salesforce", "Contact", "Doctor_Key__c", "Doctor_Total__c");
        try (SimulatedSalesforce salesforce = SimulatedSalesforce.start(0, RunningShopbridge.options())) {
            Map<String, Object> settings = ownMappings();
            settings.put("shopbridge.crms.salesforce.base-url", salesforce.baseUrl());
            settings.put("shopbridge.crms.salesforce.client-id", "sandbox-client");
            settings.put("shopbridge.crms.salesforce.client-secret", Options.DEFAULT_TOKEN);
            assertThat(problems(examine(true, settings))).extracting(Finding::todo)
                    .hasSize(2).allMatch(todo -> todo.contains("sf project deploy start --metadata-dir"));
            Path written = folder.resolve("deploy/salesforce");
            assertThat(written.resolve("package.xml")).content().contains("<members>Contact.Doctor_Key__c</members>")
                    .contains("<version>68.0</version>");
            assertThat(written.resolve("objects/Contact.object")).content()
                    .contains("<fullName>Doctor_Key__c</fullName>").contains("<externalId>true</externalId>")
                    .contains("<fullName>Doctor_Total__c</fullName>").contains("<type>Number</type>");
            assertThat(written.resolve("permissionsets/Shopbridge.permissionset")).content()
                    .contains("<field>Contact.Doctor_Total__c</field>");
        }
    }

    @Test
    void theCustomObjectsForOrdersAreWrittenForDeployment() throws IOException {
        Org whole = ShopbridgeFields.org();
        Org without = new Org(whole.fields().stream()
                .filter(field -> !field.startsWith("Shopify_Order")).toList(), false, false, whole.pageSize(),
                whole.sessionLasts(), whole.lockHold(), whole.lockPatience(), null);
        Map<String, Object> settings = new LinkedHashMap<>(store());
        settings.put("shopbridge.crms.salesforce.client-id", SimulatedSalesforce.CLIENT_ID);
        settings.put("shopbridge.crms.salesforce.client-secret", Options.DEFAULT_TOKEN);
        settings.put("shopbridge.crms.salesforce.orders", "custom");
        try (SimulatedSalesforce salesforce = SimulatedSalesforce.start(0, RunningShopbridge.options(), without)) {
            settings.put("shopbridge.crms.salesforce.base-url", salesforce.baseUrl());
            assertThat(problems(examine(true, settings))).isNotEmpty()
                    .allMatch(finding -> finding.what().contains("Shopify_Order"))
                    .allMatch(finding -> finding.todo().contains("sf project deploy start"));
        }
        Path written = folder.resolve("deploy/salesforce");
        assertThat(written.resolve("package.xml")).content().contains("<members>Shopify_Order__c</members>"
                + "<members>Shopify_Order_Line__c</members><name>CustomObject</name>");
        assertThat(written.resolve("objects/Shopify_Order__c.object")).content()
                .contains("<fullName>Contact__c</fullName>").contains("<referenceTo>Contact</referenceTo>")
                .contains("<fullName>Shopify_Total__c</fullName>").doesNotContain("CurrencyIsoCode");
        assertThat(written.resolve("objects/Shopify_Order_Line__c.object")).content()
                .contains("<type>MasterDetail</type>").contains("<referenceTo>Shopify_Order__c</referenceTo>")
                .contains("<sharingModel>ControlledByParent</sharingModel>");
        assertThat(written.resolve("permissionsets/Shopbridge.permissionset")).content()
                .contains("<object>Shopify_Order_Line__c</object>")
                .doesNotContain("<field>Shopify_Order_Line__c.Shopify_Order__c</field>");
        settings.put("shopbridge.crms.salesforce.orders", "custom");
        try (SimulatedSalesforce salesforce = SimulatedSalesforce.start(0, RunningShopbridge.options(), whole)) {
            for (String orders : List.of("object", "deal", "custom")) {
                settings.put("shopbridge.crms.salesforce.base-url", salesforce.baseUrl());
                settings.put("shopbridge.crms.salesforce.orders", orders);
                assertThat(problems(examine(false, settings))).as(orders).isEmpty();
            }
        }
    }

    @Test
    void aShopThatWithholdsCustomersDataIsNoticed() throws IOException {
        String nobody = "{'firstName': null, 'lastName': null, 'defaultEmailAddress': null, 'defaultPhoneNumber': null,"
                + " 'defaultAddress': null}";
        assertThat(customers("'data': {'customers': {'nodes': [" + nobody + "," + nobody + "]}}"))
                .contains("approved for protected customer data");
        assertThat(customers("'errors': [{'message': 'This app is not approved', 'extensions': {'code':"
                + " 'ACCESS_DENIED'}}], 'data': null")).contains("approved for protected customer data");
        assertThat(customers("'data': {'customers': {'nodes': [" + nobody + ", {'firstName': 'Ada'}]}}"))
                .contains("customers come with their names").doesNotContain("protected");
        assertThat(customers("'data': {'customers': {'nodes': []}}")).doesNotContain("customers come");
    }

    @Test
    void customersThatCameWithoutAnyDataAreCountedInTheDatabase() throws Exception {
        try (TestDatabase database = TestDatabase.create()) {
            Map<String, Object> settings = new LinkedHashMap<>(store());
            settings.put("spring.datasource.url", database.url());
            assertThat(examine(false, settings).toString()).doesNotContain("customer(s)");
            Flyway.configure().dataSource(database.dataSource()).load().migrate();
            JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
            for (String profile : List.of("{\"withheld\":null}", "{\"note\":\"\\\"withheld\\\":true\"}")) {
                jdbc.update("INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value)"
                        + " VALUES ('main', 'customer', ?, 'profile', now(), '', ?)", "" + profile.length(),
                        profile.getBytes(StandardCharsets.UTF_8));
            }
            assertThat(examine(false, settings).toString()).doesNotContain("customer(s)");
            jdbc.update("UPDATE mirror_facet SET value = ? WHERE record_id = ?",
                    "{\"id\":\"1\",\"withheld\":true}".getBytes(StandardCharsets.UTF_8), "17");
            assertThat(examine(false, settings)).extracting(Finding::what)
                    .anyMatch(what -> what.contains("1 customer(s) of store main without any e-mail"));
        }
    }

    /** What is found at a shop that answers so when it is asked for customers. */
    private String customers(String answer) throws IOException {
        return customers(answer, Map.of());
    }

    private String customers(String answer, Map<String, Object> more) throws IOException {
        HttpServer shop = HttpServer.create(new InetSocketAddress("localhost", 0), 0);
        shop.createContext("/admin/api/2026-10/graphql.json", exchange -> {
            String asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String whole = asked.contains("customers(") ? "{" + answer + "}" : "{'data': {'shop': {'myshopifyDomain':"
                    + " 'test.myshopify.com', 'ianaTimezone': 'America/Toronto'}, 'currentAppInstallation': {'accessScopes': [{'handle':"
                    + " 'read_customers'}, {'handle': 'read_orders'}]}}}";
            byte[] body = whole.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        shop.start();
        try {
            Map<String, Object> settings = new LinkedHashMap<>(store());
            settings.put("shopbridge.stores.main.admin.url", "http://localhost:" + shop.getAddress().getPort());
            settings.put("shopbridge.stores.main.admin.version", "2026-10");
            settings.put("shopbridge.stores.main.admin.access-token", "shpat_secret");
            settings.putAll(more);
            return examine(false, settings).toString();
        } finally {
            shop.stop(0);
        }
    }

    @Test
    void draftOrdersNeedAScopeAndDaysATimeZone() throws IOException {
        assertThat(customers("'data': {'customers': {'nodes': []}}")).contains("the shop's time zone is America/Toronto,"
                + " and days are told in UTC", "set shopbridge.stores.main.time-zone to America/Toronto")
                .doesNotContain("lacks the scopes");
        assertThat(customers("'data': {'customers': {'nodes': []}}", Map.of("shopbridge.stores.main.time-zone",
                "America/Toronto", "shopbridge.crms.hubspot.token", "t", "shopbridge.crms.hubspot.base-url",
                "http://localhost:1", "shopbridge.crms.hubspot.draft-orders", "true")))
                .contains("the app lacks the scopes [read_draft_orders]").doesNotContain("time zone");
    }

    @Test
    void theAdminApiIsAskedForScopesAndTheVersionThatItServes() throws IOException {
        HttpServer shop = HttpServer.create(new InetSocketAddress("localhost", 0), 0);
        shop.createContext("/admin/api/2025-01/graphql.json", exchange -> {
            byte[] body = """
                    {"data": {"shop": {"myshopifyDomain": "other.myshopify.com"},
                              "currentAppInstallation": {"accessScopes": [{"handle": "read_customers"}]}}}"""
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("X-Shopify-API-Version", "2026-01");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        shop.start();
        try {
            Map<String, Object> settings = new LinkedHashMap<>(store());
            settings.put("shopbridge.stores.main.admin.url", "http://localhost:" + shop.getAddress().getPort());
            settings.put("shopbridge.stores.main.admin.version", "2025-01");
            settings.put("shopbridge.stores.main.admin.access-token", "shpat_secret");
            assertThat(problems(examine(false, settings))).extracting(Finding::what).contains(
                    "API version 2025-01 has been out of support since 2026-01-01",
                    "Shopify answers version 2026-01 instead of 2025-01, which it no longer has",
                    "the access token is for other.myshopify.com, the store is test.myshopify.com",
                    "the app lacks the scopes [read_orders]").noneMatch(what -> what.contains("shpat"));
        } finally {
            shop.stop(0);
        }
    }

    /** An order's lines name products, which take another scope than the order. */
    @Test
    void theQueriesAreTriedForWhatTheAppMayNotRead() {
        ShopModel model = ShopModel.stepping(3, NOW, Duration.ofSeconds(20));
        model.events(100);
        AdminOptions options = AdminOptions.defaults().withDomain("test.myshopify.com").without("read_products");
        try (SimulatedAdminApi shop = SimulatedAdminApi.start(0, options, model);
                SimulatedHubSpot hubspot = SimulatedHubSpot.start(0, RunningShopbridge.options())) {
            Map<String, Object> settings = new LinkedHashMap<>(hubspot(hubspot));
            settings.put("shopbridge.stores.main.admin.url", shop.baseUrl());
            settings.put("shopbridge.stores.main.admin.access-token", Options.DEFAULT_TOKEN);
            assertThat(problems(examine(false, settings))).extracting(Finding::what)
                    .contains("order-updated does not get orders.nodes.lineItems.nodes.product; Shopify requires"
                            + " `read_products` access scope.")
                    .noneMatch(what -> what.startsWith("customer-updated"));
            shop.grant("read_orders", "read_customers", "read_companies", "read_products", "read_returns",
                    "read_locations");
            assertThat(problems(examine(false, settings))).extracting(Finding::what)
                    .noneMatch(what -> what.contains("-updated"));
        }
    }

    @Test
    void anAppsClientIdAndSecretAreTried() throws IOException {
        HttpServer shop = HttpServer.create(new InetSocketAddress("localhost", 0), 0);
        shop.createContext("/admin/oauth/access_token", exchange -> {
            String asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            boolean known = asked.contains("client_secret=right");
            byte[] body = (known ? "{\"access_token\": \"fetched\", \"expires_in\": 86399}"
                    : "{\"error\": \"invalid_client\"}").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(known ? 200 : 400, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        shop.createContext("/admin/api/2026-10/graphql.json", exchange -> {
            boolean known = "fetched".equals(exchange.getRequestHeaders().getFirst("X-Shopify-Access-Token"));
            exchange.sendResponseHeaders(known ? 500 : 401, -1);
            exchange.close();
        });
        shop.start();
        try {
            Map<String, Object> settings = new LinkedHashMap<>(store());
            settings.put("shopbridge.stores.main.admin.url", "http://localhost:" + shop.getAddress().getPort());
            settings.put("shopbridge.stores.main.admin.client-id", "app");
            settings.put("shopbridge.stores.main.admin.client-secret", "right");
            assertThat(examine(false, settings)).extracting(Finding::what).contains("the Admin API answered 500");
            settings.put("shopbridge.stores.main.admin.client-secret", "wrong");
            assertThat(examine(false, settings)).extracting(Finding::what)
                    .contains("Shopify gave no access token; it answered 400, invalid_client");
        } finally {
            shop.stop(0);
        }
    }

    @Test
    void anAddressThatASecretMayNotBeSentToIsReportedAndNotCalled() {
        Map<String, Object> settings = new LinkedHashMap<>(store());
        settings.put("shopbridge.stores.main.admin.url", "http://shop.example.com");
        settings.put("shopbridge.stores.main.admin.version", "2026-10");
        settings.put("shopbridge.stores.main.admin.access-token", "shpat_secret");
        settings.put("shopbridge.crms.crm-one.base-url", "http://crm.example.com/api");
        settings.put("shopbridge.crms.crm-one.token", "secret");
        settings.put("shopbridge.crms.salesforce.base-url", "http://example.my.salesforce.com");
        settings.put("shopbridge.crms.salesforce.client-id", "id");
        settings.put("shopbridge.crms.salesforce.client-secret", "secret");
        assertThat(problems(examine(false, settings))).extracting(Finding::what).containsExactlyInAnyOrder(
                "shopbridge.stores.main.admin.url: would send secrets and personal data to shop.example.com"
                        + " unencrypted; " + SecureAddress.ADVICE,
                "shopbridge.crms.crm-one.base-url: would send secrets and personal data to crm.example.com"
                        + " unencrypted; " + SecureAddress.ADVICE,
                "shopbridge.crms.salesforce.base-url: would send secrets and personal data to"
                        + " example.my.salesforce.com unencrypted; " + SecureAddress.ADVICE);
    }

    private List<Finding> examine(boolean create, Map<String, Object> settings) {
        return new Doctor(environment(settings), create, folder.resolve("deploy"), Clock.systemUTC()).examine();
    }

    private static StandardEnvironment environment(Map<String, Object> settings) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new MapPropertySource("test", settings));
        return environment;
    }

    @Test
    void whatCanBeSaidOfADomainIsSaid() {
        assertThat(domain("https://Test.myshopify.com/")).extracting(Finding::what).contains(
                "webhooks of test.myshopify.com only are taken, which is read out of \"https://Test.myshopify.com/\"");
        assertThat(problems(domain("shop.example.com"))).extracting(Finding::what).singleElement().asString()
                .contains("Shopify's webhooks name a shop by its myshopify.com domain");
        assertThat(problems(domain("test"))).extracting(Finding::what).singleElement().asString()
                .contains("\"test\" is not a domain; set it to the shop's test.myshopify.com");
    }

    private List<Finding> domain(String domain) {
        Map<String, Object> settings = new LinkedHashMap<>(store());
        settings.put("shopbridge.stores.main.domain", domain);
        return examine(false, settings);
    }

    private static List<Finding> problems(List<Finding> findings) {
        return findings.stream().filter(finding -> finding.level() == Level.PROBLEM)
                .filter(finding -> !finding.what().equals("no CRM is configured")).toList();
    }

    private static Map<String, Object> store() {
        return Map.of("shopbridge.stores.main.domain", "test.myshopify.com",
                "shopbridge.stores.main.webhook-secrets", "secret");
    }

    private static Map<String, Object> hubspot(SimulatedHubSpot hubspot) {
        Map<String, Object> settings = new LinkedHashMap<>(store());
        settings.put("shopbridge.crms.hubspot.base-url", hubspot.baseUrl());
        settings.put("shopbridge.crms.hubspot.token", Options.DEFAULT_TOKEN);
        return settings;
    }

    private Map<String, Object> ownMappings() {
        Map<String, Object> settings = new LinkedHashMap<>(store());
        settings.put("shopbridge.mappings-dir", folder.resolve("mappings").toString());
        return settings;
    }

    private static Map<String, Object> with(SimulatedPipedrive pipedrive, Map<String, Object> others) {
        Map<String, Object> settings = new LinkedHashMap<>(others);
        settings.put("shopbridge.crms.pipedrive.base-url", pipedrive.baseUrl());
        settings.put("shopbridge.crms.pipedrive.token", Options.DEFAULT_TOKEN);
        return settings;
    }

    /** A folder with a mapping of customers that needs these two fields. */
    private void mapping(String crm, String object, String key, String total) throws IOException {
        Path mappings = folder.resolve("mappings");
        for (String shared : List.of("samples", "tables")) {
            try (Stream<Path> files = Files.list(Path.of("mappings", shared))) {
                Files.createDirectories(mappings.resolve(shared));
                for (Path file : new ArrayList<>(files.toList())) {
                    Files.copy(file, mappings.resolve(shared).resolve(file.getFileName()));
                }
            }
        }
        Files.createDirectories(mappings.resolve(crm));
        // Without a form of orders: this folder has none.
        Files.writeString(mappings.resolve(crm + "/crm.yaml"), Files.readString(Path.of("mappings", crm, "crm.yaml"))
                .replaceFirst("(?m)^orders:.*$", "orders: figures"));
        Files.writeString(mappings.resolve(crm + "/customer.yaml"), """
                shopify: customer
                crm: %s
                identity: { external-id: { field: %s, from: '"\\(.store):\\(.id)"' } }
                fields:
                  %s: { from: .metrics.total_spent, clean: decimal, owner: shopify }
                """.formatted(object, key, total));
        Files.writeString(mappings.resolve(crm + "/customer.test.yaml"), """
                sample: ../samples/customer.json
                tests:
                  - name: what was spent is sent
                    expect: { send: { %s: "1" } }
                """.formatted(total));
    }

}
