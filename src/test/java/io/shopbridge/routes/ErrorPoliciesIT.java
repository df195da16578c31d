package io.shopbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmGone;
import io.shopbridge.crm.CrmLockedOut;
import io.shopbridge.crm.CrmMisfit;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.receive.Refusal;
import io.shopbridge.database.DatabaseOutage;
import io.shopbridge.receive.WebhookRefused;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.EndpointInject;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.spring.boot.CamelAutoConfiguration;
import org.apache.camel.test.spring.junit5.CamelSpringBootTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.PessimisticLockingFailureException;

/** What {@code routes/errors.camel.yaml} does with each kind of failure, and how often it tries before. */
@CamelSpringBootTest
@SpringBootTest(properties = "camel.main.routes-include-pattern=file:routes/errors.camel.yaml")
class ErrorPoliciesIT {

    @Autowired
    private ProducerTemplate sender;
    @Autowired
    private Failures failures;
    @EndpointInject("mock:crm")
    private MockEndpoint crm;

    /** Stands where it is seen to what becomes of the batch, and notes how. */
    public static final class Failures {
        final List<String> called = new ArrayList<>();

        public boolean askedToWait(Exception failure) {
            return CrmBusy.asksToWait(failure);
        }

        public boolean databaseIsAway(Exception failure) {
            return DatabaseOutage.isBehind(failure);
        }

        public boolean isBehind(Exception failure) {
            return DatabaseOutage.isBehind(failure);
        }

        public void noticed(Exception failure) {
            called.add("noticed");
        }

        public boolean crmIsAway(Exception failure) {
            return !(failure.getCause() instanceof JsonProcessingException);
        }

        public void pause() {
            called.add("pause");
        }

        public void retryLater() {
            called.add("retryLater");
        }

        public void breakerOpen() {
            called.add("breakerOpen");
        }

        public void lockedOut() {
            called.add("lockedOut");
        }

        public void callRefused() {
            called.add("callRefused");
        }

        public void failed() {
            called.add("failed");
        }
    }

    @Configuration
    @ImportAutoConfiguration(CamelAutoConfiguration.class)
    static class Beans {

        @Bean({"failures", "databaseOutages"})
        Failures failures() {
            return new Failures();
        }

        @Bean
        RouteBuilder routesUnderThePolicies() {
            return new RouteBuilder() {
                @Override
                public void configure() {
                    for (String policy : List.of("delivery", "answering", "scheduled")) {
                        from("direct:" + policy).routeConfigurationId(policy).to("mock:crm");
                    }
                }
            };
        }
    }

    @BeforeEach
    void reset() {
        crm.reset();
        failures.called.clear();
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new CrmBusy("429", Instant.now().plusSeconds(9), null), 1, List.of("pause")),
                Arguments.of(new RuntimeCamelException("from a split", new CrmBusy("429", Instant.now().plusSeconds(9),
                        null)), 1, List.of("pause")),
                Arguments.of(new CrmBusy("500", null, null), 4, List.of("retryLater")),
                Arguments.of(new IOException("the answer was lost"), 4, List.of("retryLater")),
                Arguments.of(new CrmLockedOut("401"), 1, List.of("lockedOut")),
                Arguments.of(new CrmRefused("no such property", null), 1, List.of("callRefused")),
                Arguments.of(new CrmGone("404"), 1, List.of("callRefused")),
                Arguments.of(new CrmMisfit("302"), 1, List.of("callRefused")),
                Arguments.of(new DataAccessResourceFailureException("no connection"), 1, List.of("noticed")),
                Arguments.of(new DataAccessResourceFailureException("too long for an index", new SQLException(
                        "index row size 2720 exceeds maximum 2704", "54000")), 1, List.of("failed")),
                Arguments.of(new UncheckedIOException(new JsonParseException("no JSON")), 1, List.of("failed")),
                Arguments.of(new RuntimeCamelException("from a split", new CannotAcquireLockException("deadlock",
                        new SQLException("deadlock detected"))), 1, List.of()),
                Arguments.of(new PessimisticLockingFailureException("deadlock", new SQLException("deadlock detected")), 1,
                        List.of()),
                Arguments.of(new IllegalStateException("a mistake of ours"), 1, List.of("failed")));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aDeliveryThatFails(Exception failure, int tries, List<String> settled) {
        fail(failure);

        Exchange exchange = sender.request("direct:delivery", message -> { });

        assertThat(exchange.getException()).as("handled").isNull();
        assertThat(crm.getReceivedCounter()).isEqualTo(tries);
        assertThat(failures.called).isEqualTo(settled);
    }

    /** 300 ms before the first repeat, then three times the wait before; each may be 15 % shorter or longer. */
    @Test
    void aFaultHasSecondsToPassBeforeTheRecordsWait() {
        fail(new CrmBusy("500", null, null));
        long begin = System.nanoTime();
        sender.request("direct:delivery", message -> { });
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(2500));
        assertThat(failures.called).containsExactly("retryLater");
    }

    @Test
    void aShortFaultIsOverAfterARepeat() {
        crm.whenExchangeReceived(1, exchange -> {
            throw new CrmBusy("500", null, null);
        });
        sender.request("direct:delivery", message -> { });
        assertThat(crm.getReceivedCounter()).isEqualTo(2);
        assertThat(failures.called).isEmpty();
    }

    @Test
    void aRefusedRequestIsAnsweredWithItsStatus() {
        fail(new WebhookRefused(Refusal.WRONG_SIGNATURE, "The signature is wrong."));
        Exchange answer = sender.request("direct:answering", message -> message.getMessage().setHeader("X-Any", "1"));
        assertThat(answer.getMessage().getHeaders()).containsOnly(Map.entry(Exchange.HTTP_RESPONSE_CODE, 401));
        assertThat(answer.getMessage().getBody(String.class)).isEqualTo("The signature is wrong.");
    }

    @Test
    void whatWasNotKeptIsAnswered503() {
        fail(new IllegalStateException("not committed"));
        Exchange answer = sender.request("direct:answering", message -> { });
        assertThat(answer.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class)).isEqualTo(503);
        assertThat(answer.getMessage().getBody(String.class)).doesNotContain("committed");
    }

    @Test
    void anOutageOfTheDatabaseIsNotLoggedForEachThatFails() {
        fail(new DataAccessResourceFailureException("no connection"));
        Exchange answer = sender.request("direct:answering", message -> { });
        assertThat(answer.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class)).isEqualTo(503);
        assertThat(sender.request("direct:scheduled", message -> { }).getException()).isNull();
        assertThat(failures.called).containsExactly("noticed", "noticed");
    }

    @Test
    void aScheduledRunThatFailsIsLeftToTheNext() {
        fail(new IllegalStateException("any"));
        assertThat(sender.request("direct:scheduled", message -> { }).getException()).isNull();
        assertThat(crm.getReceivedCounter()).isEqualTo(1);
    }

    private void fail(Exception failure) {
        crm.whenAnyExchangeReceived(exchange -> {
            throw failure;
        });
    }
}
