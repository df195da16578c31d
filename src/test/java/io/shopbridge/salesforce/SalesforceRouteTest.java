package io.shopbridge.salesforce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.argThat;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.reset;
import static org.mockito.Mockito.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.shopbridge.connect.RouteTemplates;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmClient;
import io.shopbridge.crm.CrmWrite;
import io.shopbridge.crm.Crms;
import io.shopbridge.crm.Operation;
import io.shopbridge.sandbox.salesforce.ShopbridgeFields;
import io.shopbridge.sandbox.salesforce.SimulatedSalesforce;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.work.BulkJob;
import io.shopbridge.work.BulkJobs;
import io.shopbridge.work.Work;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.ClassPathBeanDefinitionScanner;

/** The routes of {@code 4-connect/salesforce} as they are shipped, with a simulated org behind and no database. */
class SalesforceRouteTest {

    private static final Duration LOCKED = Duration.ofMillis(1);
    private static final DefaultCamelContext CAMEL = new DefaultCamelContext();
    private static final BulkJobs JOBS = mock(BulkJobs.class);
    private static final Work WORK = mock(Work.class);

    private static SimulatedSalesforce salesforce;
    private static AnnotationConfigApplicationContext beans;
    private static CrmClient client;

    @BeforeAll
    static void start() throws Exception {
        salesforce = SimulatedSalesforce.start(0, Options.defaults(), ShopbridgeFields.org().withLocks(Duration.ZERO, LOCKED));
        beans = new AnnotationConfigApplicationContext();
        beans.registerBean(ShopbridgeSettings.class, () -> new Binder(new MapConfigurationPropertySource(Map.of(
                "shopbridge.crms.salesforce.base-url", salesforce.baseUrl(),
                "shopbridge.crms.salesforce.client-id", SimulatedSalesforce.CLIENT_ID,
                "shopbridge.crms.salesforce.client-secret", Options.DEFAULT_TOKEN)))
                .bind("shopbridge", ShopbridgeSettings.class).get());
        beans.registerBean(CamelContext.class, () -> CAMEL);
        beans.registerBean(ProducerTemplate.class, () -> CAMEL.createProducerTemplate());
        beans.registerBean(MeterRegistry.class, () -> new SimpleMeterRegistry());
        beans.registerBean(BulkJobs.class, () -> JOBS);
        beans.registerBean(Work.class, () -> WORK);
        ClassPathBeanDefinitionScanner scanner = new ClassPathBeanDefinitionScanner(beans);
        scanner.scan(Crms.class.getPackageName(), SalesforceOrgs.class.getPackageName(),
                RouteTemplates.class.getPackageName());
        beans.refresh();
        List.of("salesforce", "salesforceWrites", "personAccounts", "salesforceCalls", "ingestJobs")
                .forEach(name -> CAMEL.getRegistry().bind(name, beans.getBean(name)));
        SalesforceOrgs orgs = beans.getBean(SalesforceOrgs.class);
        orgs.beforeApplicationStart(CAMEL);
        for (String file : List.of("call", "salesforce")) {
            PluginHelper.getRoutesLoader(CAMEL).loadRoutes(PluginHelper.getResourceLoader(CAMEL).resolveResource(
                    "file:" + Path.of("routes/4-connect", file + ".camel.yaml")));
        }
        CAMEL.start();
        orgs.run(null);
        TemplatedRouteBuilder.builder(CAMEL, "salesforce-crm").parameter("crm", "salesforce").add();
        client = beans.getBean(CrmClient.class);
    }

    @AfterAll
    static void stop() {
        CAMEL.stop();
        beans.close();
        salesforce.close();
    }

    @BeforeEach
    void clear() {
        salesforce.faults().clear();
        salesforce.clear();
        reset(JOBS, WORK);
    }

    @Test
    void aRowThatMeetsALockGoesOnceMoreAndTheOthersDoNot() {
        List<String> ids = upsert(10, "first").stream().map(result -> result.path("id").asText()).toList();
        String rows = "PATCH /services/data/v68.0/composite/sobjects";
        Runnable unlock = salesforce.lockAccount(salesforce.records("Contact").get(3).path("AccountId").asText());
        long before = calls(rows);
        int locked = salesforce.lockedRows();
        Thread somebodyElse = new Thread(() -> {
            await().until(() -> salesforce.lockedRows() > locked);
            unlock.run();
        });
        somebodyElse.start();
        assertThat(write(Operation.UPDATE, ids, "second")).hasSize(10)
                .allSatisfy(result -> assertThat(result.hasNonNull("means")).isFalse());
        assertThat(calls(rows)).isGreaterThan(before + 1);
        assertThat(salesforce.records("Contact")).hasSize(10)
                .allSatisfy(contact -> assertThat(contact.path("LastName").asText()).isEqualTo("second"));
    }

    @Test
    void anOrgThatIsDownIsReportedAsThatAndNotAsAFailedLoop() {
        salesforce.faults().answer(503, 60, 1, "/composite/sobjects");
        assertThatThrownBy(() -> upsert(1, "Lovelace")).isInstanceOf(CrmBusy.class);
    }

    @Test
    void moreThanOneCallTakesBecomesAJobThatStaysOpenUntilItIsCommitted() {
        List<JsonNode> results = upsert(260, "Lovelace");
        String id = results.get(0).path("job").asText();
        assertThat(results).hasSize(260)
                .allSatisfy(result -> assertThat(result.path("job").asText()).isEqualTo(id).isNotEmpty());
        assertThat(salesforce.records("Contact")).isEmpty();

        look(id, null);
        verify(JOBS).started(any(), any());
        look(id, Instant.now());
        verify(JOBS).lookAgain(any(), any());
        look(id, Instant.now());
        verify(JOBS).over(any(), argThat(written -> written.size() == 260), eq(Map.of()));
        assertThat(salesforce.records("Contact")).hasSize(260);
    }

    @Test
    void aJobThatEndedBadlyLeavesWhatItDidNotProcessToTheUsualWay() {
        salesforce.setDuplicateRule("Contact", "Email");
        salesforce.failNextJob("ExceededQuota : ApiBatchItems Limit exceeded.", 100);
        String id = upsert(260, "Lovelace").get(0).path("job").asText();
        look(id, null);
        look(id, Instant.now());
        look(id, Instant.now());
        verify(JOBS).over(any(), argThat(written -> written.size() == 100), eq(Map.of()));
    }

    @Test
    void aJobThatIsAbortedThereMakesTheDeliveriesPauseAndItsRecordsGoOn() {
        String id = upsert(260, "Lovelace").get(0).path("job").asText();
        beans.getBean(SalesforceClient.class).call(new SalesforceRequest("salesforce", "abort", "PATCH",
                "/jobs/ingest/" + id, JsonNodeFactory.instance.objectNode().put("state", "Aborted")));
        look(id, Instant.now());
        verify(WORK).pause(eq("salesforce"), any(), argThat(because -> because.contains("was aborted there")));
        verify(JOBS).over(any(), eq(Map.of()), eq(Map.of()));
    }

    @Test
    void aJobWithoutAReadableStateIsPolledAgain() {
        String id = upsert(260, "Lovelace").get(0).path("job").asText();
        salesforce.faults().answer(503, null, 1, "/jobs/ingest");
        look(id, Instant.now());
        verify(JOBS).lookAgain(any(), any());
        verify(JOBS, never()).over(any(), any(), any());
    }

    private static void look(String id, Instant startedAt) {
        Exchange looked = CAMEL.createProducerTemplate().send("direct:job-salesforce", exchange -> exchange.getMessage()
                .setBody(new BulkJob(1, "salesforce", "Contact", "upsert", id, startedAt, 1)));
        assertThat(looked.getException()).isNull();
    }

    private static long calls(String call) {
        return salesforce.calls().getOrDefault(call, 0L);
    }

    private static List<JsonNode> upsert(int contacts, String lastName) {
        return write(Operation.UPSERT, Collections.nCopies(contacts, null), lastName);
    }

    private static List<JsonNode> write(Operation operation, List<String> ids, String lastName) {
        List<CrmWrite> writes = IntStream.range(0, ids.size()).mapToObj(i -> new CrmWrite(ids.get(i), null, "main:" + i,
                "1", null, null, Map.of("LastName", TextNode.valueOf(lastName),
                        "Email", TextNode.valueOf("buyer" + i + "@example.com")))).toList();
        return client.call(CrmCall.write(beans.getBean(Crms.class).get("salesforce"), operation, "Contact",
                Salesforce.KEY, writes));
    }
}
