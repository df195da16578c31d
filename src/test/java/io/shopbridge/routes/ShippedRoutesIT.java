package io.shopbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.database.OneTransaction;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.Body;
import org.apache.camel.CamelContext;
import org.apache.camel.EndpointInject;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.AdviceWith;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.component.direct.DirectComponent;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.model.LogDefinition;
import org.apache.camel.spi.IdempotentRepository;
import org.apache.camel.spring.boot.CamelAutoConfiguration;
import org.apache.camel.support.processor.idempotent.MemoryIdempotentRepository;
import org.apache.camel.test.spring.junit5.CamelSpringBootTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;

/** The shipped files of {@code routes/}, as they are, with what stands around them replaced. */
@CamelSpringBootTest
@ExtendWith(OutputCaptureExtension.class)
@SpringBootTest(properties = "camel.main.routes-include-pattern=file:routes/errors.camel.yaml,"
        + "file:routes/1-receive/accept.camel.yaml,file:routes/2-mirror/*,"
        + "file:routes/3-deliver/deliver.camel.yaml,file:routes/3-deliver/write.camel.yaml,"
        + "file:routes/4-connect/rest-crm.camel.yaml")
class ShippedRoutesIT {

    @Autowired
    private CamelContext camel;
    @Autowired
    private ProducerTemplate sender;
    @Autowired
    private Steps steps;
    @Autowired
    private Halves writing;
    @Autowired
    private Together together;
    @Autowired
    private Mirror mirror;
    @Autowired
    private Transactions transactions;
    @Autowired
    private ErrorPoliciesIT.Failures failures;
    @EndpointInject("mock:crm")
    private MockEndpoint crm;
    @EndpointInject("mock:kept")
    private MockEndpoint kept;

    /** An event as far as these routes look into it. */
    public record Event(String webhookId, String topic, String store) {
    }

    @Configuration
    @ImportAutoConfiguration(CamelAutoConfiguration.class)
    static class Beans {

        @Bean
        IdempotentRepository inboxRepository() {
            return new MemoryIdempotentRepository() {
                @Override
                public boolean add(String key) {
                    if (key.startsWith("cannot")) {
                        throw new IllegalStateException("not committed");
                    }
                    return super.add(key);
                }
            };
        }

        @Bean
        Together inbox() {
            return new Together();
        }

        @Bean
        RestCalls restCrm() {
            return new RestCalls();
        }

        @Bean({"loading", "identifying", "mapping", "merging", "recording"})
        Steps steps() {
            return new Steps();
        }

        @Bean({"waitingEvents", "reading", "mirroring", "customerFigures", "incompleteRecords", "marking",
            "ledger", "passes"})
        Mirror mirror() {
            return new Mirror();
        }

        @Bean
        Transactions transactions() {
            return new Transactions();
        }

        @Bean
        OneTransaction oneTransaction(Transactions transactions) {
            return new OneTransaction(new TransactionTemplate(transactions));
        }

        @Bean
        Halves writing() {
            return new Halves();
        }

        @Bean({"failures", "databaseOutages"})
        ErrorPoliciesIT.Failures failures() {
            return new ErrorPoliciesIT.Failures();
        }

        @Bean("doorbell")
        DirectComponent doorbell() {
            return new DirectComponent() {
                @Override
                protected void validateParameters(String uri, Map<String, Object> parameters, String prefix) {
                    // Its own, which nothing here needs.
                }
            };
        }

        @Bean
        RouteBuilder neighbours() {
            return new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:call-crm").errorHandler(noErrorHandler()).to("mock:crm");
                }
            };
        }
    }

    /** Stands for what keeps many events at once. */
    public static final class Together {

        private List<Event> kept;

        public void keepTogether(List<Event> events) {
            kept = events;
        }
    }

    /** Stands for the steps of a delivery, and notes them in their order. */
    public static final class Steps {

        private final List<String> done = new ArrayList<>();
        private boolean paused;
        private Exception failure;

        public List<String> claim() {
            return paused ? null : List.of("a record");
        }

        public void load() {
            done.add("load");
        }

        public void identify() {
            done.add("identify");
        }

        public void map() throws Exception {
            done.add("map");
            if (failure != null) {
                throw failure;
            }
        }

        public void merge() {
            done.add("merge");
        }

        public void record() {
            done.add("record");
        }
    }

    /** Stands for the steps of the mirror: a pass is a text, an event of it a letter, a rejected one a capital. */
    public static final class Mirror {

        private final List<String> done = new ArrayList<>();
        private String waiting = "";
        private String suspects = "";
        private String culprits = "";
        private boolean isAway;

        public List<String> suspects() {
            return suspects.isEmpty() ? List.of() : List.of(suspects.split(""));
        }

        public String oldest() {
            return waiting;
        }

        public String take(@Body String pass) {
            done.add("take " + pass);
            return pass;
        }

        public Events read(@Body String events) {
            done.add("read");
            return new Events(events);
        }

        public void mirror(@Body Events events) {
            if (isAway || culprits.chars().anyMatch(culprit -> events.letters.indexOf(culprit) >= 0)) {
                throw new IllegalStateException(events.letters);
            }
            done.add("mirror");
        }

        public void update() {
            done.add("figures");
        }

        public void note() {
            done.add("incomplete");
        }

        public void mark() {
            done.add("mark");
        }

        public void recordEvents(String outcomes) {
            done.add("outcomes " + outcomes);
        }

        public List<String> failed(Exchange exchange) throws Exception {
            String pass = exchange.getVariable("pass", String.class);
            if (isAway) {
                throw exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
            }
            int half = pass.length() / 2;
            return half > 0 ? List.of(pass.substring(0, half), pass.substring(half)) : List.of(pass.toUpperCase());
        }

        public void ended(Exchange exchange) {
            done.add("ended " + exchange.getVariable("pass"));
        }
    }

    /** What goes from "read" to the last step. */
    public record Events(String letters) {

        public String outcomes() {
            return letters;
        }
    }

    /** Counts how transactions end. */
    static final class Transactions extends AbstractPlatformTransactionManager {

        private final List<String> ends = new ArrayList<>();

        @Override
        protected Object doGetTransaction() {
            return this;
        }

        @Override
        protected void doBegin(Object transaction, TransactionDefinition definition) {
            ends.add("begin");
        }

        @Override
        protected void doCommit(DefaultTransactionStatus status) {
            ends.add("commit");
        }

        @Override
        protected void doRollback(DefaultTransactionStatus status) {
            ends.add("rollback");
        }
    }

    /** Stands for what reads crm.yaml. */
    public static final class RestCalls {

        public void prepare(Exchange exchange) {
            exchange.setVariable("limit", null);
        }

        public void available(Exchange exchange) {
            if (exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class) >= 500) {
                throw new CrmBusy("503", null, null);
            }
        }

        public void unanswered(Exchange exchange) {
            throw new CrmBusy("no answer", null, exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class));
        }

        public void understand(Exchange exchange) {
            exchange.getMessage().setBody("understood");
        }
    }

    /** A call is a text, a record of it a letter. */
    public static final class Halves {

        private final List<String> refused = new ArrayList<>();

        public List<String> unsubscriptions() {
            return List.of();
        }

        public void prepare() {
            // Nothing is between the kinds.
        }

        public List<String> calls() {
            return List.of();
        }

        public void call() {
            // The chunk is the call.
        }

        public List<String> applied() {
            return List.of();
        }

        public List<String> failed(Exchange exchange) {
            String chunk = exchange.getVariable("chunk", String.class);
            int half = chunk.length() / 2;
            if (half > 0) {
                return List.of(chunk.substring(0, half), chunk.substring(half));
            }
            refused.add(chunk);
            return List.of();
        }
    }

    @BeforeEach
    void reset() {
        crm.reset();
        kept.reset();
        steps.done.clear();
        steps.paused = false;
        steps.failure = null;
        failures.called.clear();
        mirror.done.clear();
        mirror.waiting = "";
        mirror.suspects = "";
        mirror.culprits = "";
        mirror.isAway = false;
        transactions.ends.clear();
    }

    // accept

    @Test
    void aRepeatedEventIsDropped() throws Exception {
        AdviceWith.adviceWith(camel, "accept", route ->
                route.weaveByType(LogDefinition.class).replace().to("mock:kept"));
        Stream.of("one", "two", "one").forEach(id ->
                sender.sendBody("direct:accept", new Event(id, "orders/create", "main")));
        assertThat(kept.getExchanges()).extracting(event -> event.getMessage().getBody(Event.class).webhookId())
                .containsExactly("one", "two");
    }

    @Test
    void whatCannotBeKeptFailsWhereItCameFrom() {
        assertThat(sender.send("direct:accept", exchange ->
                exchange.getMessage().setBody(new Event("cannot", "orders/create", "main"))).getException())
                .hasStackTraceContaining("not committed");
    }

    @Test
    void eventsOfASourceThatHasManyAreKeptTogether() {
        List<Event> events = List.of(new Event("one", "backfill/order", "main"), new Event("two", "backfill/order", "main"));
        sender.sendBody("direct:accept-together", events);
        assertThat(together.kept).isEqualTo(events);
    }

    // mirror

    @Test
    void waitingEventsGoThroughTheStepsOfTheMirrorInOneTransaction() {
        mirror.waiting = "ab";
        sender.sendBody("doorbell:inbox", null);
        assertThat(mirror.done).containsExactly("take ab", "read", "mirror", "figures", "incomplete", "mark", "outcomes ab",
                "ended ab");
        assertThat(transactions.ends).containsExactly("begin", "commit");
    }

    @Test
    void eventsThatFailTogetherAreHalvedUntilTheOneToBlameIsAloneAndRejected(CapturedOutput log) {
        mirror.waiting = "abcd";
        mirror.culprits = "c";
        sender.sendBody("doorbell:inbox", null);
        assertThat(mirror.done.stream().filter(step -> step.matches("(take|outcomes|ended) .*"))).containsExactly(
                "take abcd", "take ab", "outcomes ab", "take cd", "take c", "take C", "outcomes C",
                "take d", "outcomes d", "ended abcd");
        assertThat(transactions.ends.stream().filter(end -> !end.equals("begin")))
                .containsExactly("rollback", "commit", "rollback", "rollback", "commit", "commit");
        assertThat(log.getAll()).as("what the failure says is for whoever tells it").doesNotContain("abcd");
    }

    @Test
    void eventsUnderWhichAProcessEndedComeFirstAndAlone() {
        mirror.suspects = "xy";
        mirror.waiting = "ab";
        sender.sendBody("doorbell:inbox", null);
        assertThat(mirror.done.stream().filter(step -> step.matches("(take|ended) .*")))
                .containsExactly("take x", "take y", "take ab", "ended ab");
    }

    @Test
    void aDatabaseThatIsAwayEndsThePassUntilTheNextLook(CapturedOutput log) {
        mirror.waiting = "ab";
        mirror.isAway = true;
        sender.sendBody("doorbell:inbox", null);
        assertThat(mirror.done).containsExactly("take ab", "read");
        assertThat(transactions.ends).containsExactly("begin", "rollback");
        assertThat(log.getAll()).contains("mirror-events failed and will run again: ab");
    }

    // rest-crm

    @Test
    void aLostAnswerIsABusyCrm() throws Exception {
        restCrm("lost");
        crm.whenAnyExchangeReceived(exchange -> {
            throw new IOException("connection reset");
        });
        assertThat(call("lost").getException(CrmBusy.class)).hasMessage("no answer")
                .hasRootCauseMessage("connection reset");
    }

    @Test
    void theCircuitBreakerOpensAfterTenFailuresOfOneCrmOnly() throws Exception {
        restCrm("down");
        restCrm("up");
        crm.whenAnyExchangeReceived(exchange -> exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 503));
        for (int i = 0; i < 10; i++) {
            assertThat(call("down").getException(CrmBusy.class)).hasMessage("503");
        }
        assertThat(call("down").getException(CallNotPermittedException.class)).isNotNull();
        assertThat(crm.getReceivedCounter()).isEqualTo(10);
        crm.whenAnyExchangeReceived(exchange -> exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 200));
        assertThat(call("up").getMessage().getBody()).isEqualTo("understood");
    }

    // deliver

    @Test
    void nothingIsDeliveredWhileTheCrmIsPaused() throws Exception {
        deliverWork("paused");
        steps.paused = true;
        sender.sendBody("doorbell:work-paused-order", null);
        assertThat(steps.done).isEmpty();
    }

    @Test
    void aClaimGoesThroughTheStepsInTheirOrder() throws Exception {
        deliverWork("well");
        sender.sendBody("doorbell:work-well-order", null);
        assertThat(steps.done)
                .containsExactly("load", "unsubscribe", "identify", "map", "merge", "write", "record");
    }

    @Test
    void aBatchThatMeetsADatabaseLockIsLeftToBeDueAgain() throws Exception {
        deliverWork("locked");
        steps.failure = new CannotAcquireLockException("deadlock detected");
        sender.sendBody("doorbell:work-locked-order", null);
        assertThat(steps.done).containsExactly("load", "unsubscribe", "identify", "map");
        assertThat(failures.called).isEmpty();
    }

    @Test
    void aCrmThatAsksToWaitPausesAndNothingIsRecorded() throws Exception {
        deliverWork("asked");
        steps.failure = new CrmBusy("429", Instant.now().plusSeconds(9), null);
        sender.sendBody("doorbell:work-asked-order", null);
        assertThat(steps.done).doesNotContain("record");
        assertThat(failures.called).containsExactly("pause");
    }

    // write

    @Test
    void aCallThatIsRefusedIsHalvedUntilTheOneToBlameIsAlone() {
        crm.whenAnyExchangeReceived(exchange -> {
            if (exchange.getMessage().getBody(String.class).contains("c")) {
                throw new CrmRefused("no such property", null);
            }
        });
        sender.sendBody("direct:write-chunk", "abcd");
        assertThat(crm.getExchanges()).extracting(call -> call.getMessage().getBody(String.class))
                .containsExactly("abcd", "ab", "cd", "c", "d");
        assertThat(writing.refused).containsExactly("c");
    }

    private void restCrm(String name) throws Exception {
        String route = TemplatedRouteBuilder.builder(camel, "rest-crm").routeId("calls-" + name).parameter("crm", name)
                .parameter("baseUrl", "http://localhost").parameter("requests", "1000").parameter("period", "1000")
                .parameter("timeout", "1000").add();
        AdviceWith.adviceWith(camel, route, advice -> advice.weaveById("call").replace().to("mock:crm"));
    }

    private Exchange call(String name) {
        return sender.send("direct:call-" + name, exchange -> { });
    }

    /** The shipped routes, where unsubscribe and write are steps that are noted alone. */
    private void deliverWork(String name) throws Exception {
        TemplatedRouteBuilder.builder(camel, "deliver-work").routeId("work-" + name).parameter("crm", name)
                .parameter("entity", "order").parameter("threads", "1").parameter("gather", "0").add();
        if (camel.hasEndpoint("mock:direct:write") == null) {
            AdviceWith.adviceWith(camel, "deliver-records", advice ->
                    advice.mockEndpointsAndSkip("direct:unsubscribe", "direct:write"));
            for (String step : List.of("unsubscribe", "write")) {
                camel.getEndpoint("mock:direct:" + step, MockEndpoint.class)
                        .whenAnyExchangeReceived(exchange -> steps.done.add(step));
            }
        }
    }
}
