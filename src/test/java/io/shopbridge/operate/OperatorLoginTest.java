package io.shopbridge.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.web.authentication.WebAuthenticationDetails;

/** The rules of a login, with a clock of our own. */
class OperatorLoginTest {

    private final AtomicLong nanos = new AtomicLong(1);
    private final AtomicInteger compared = new AtomicInteger();
    private final AtomicInteger comparing = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();
    private final FailedLogins failures = new FailedLogins(nanos::get);
    private final OperatorLogin login = new OperatorLogin(new OperatorSettings("operator", "s3cret"),
            new OperatorPassword() {
                @Override
                boolean matches(String given, String configured) {
                    compared.incrementAndGet();
                    mostAtOnce.accumulateAndGet(comparing.incrementAndGet(), Math::max);
                    boolean right = super.matches(given, configured);
                    comparing.decrementAndGet();
                    return right;
                }
            }, failures, nanos::get);

    @Test
    void aWrongNameCostsWhatAWrongPasswordCosts() {
        wrong("operator", "wrong", "a");
        assertThat(compared).hasValue(1);
        wrong("nobody", "wrong", "a");
        assertThat(compared).hasValue(2);
        wrong("nobody", "s3cret", "a");
        assertThat(compared).as("the password is compared, though the name is wrong").hasValue(3);
    }

    @Test
    void aGoodLoginIsComparedOnceInAWhile() {
        for (int i = 0; i < 100; i++) {
            right("a");
            pass(Duration.ofMinutes(4));
        }
        assertThat(compared).as("while it is used it stays remembered").hasValue(1);
        pass(OperatorLogin.REMEMBERED);
        right("a");
        assertThat(compared).hasValue(2);
        wrong("operator", "s3cret ", "a");
        wrong("operators", "3cret", "a");
    }

    @Test
    void onlyClientsThatFailAreSlowed() {
        for (int i = 0; i < FailedLogins.BURST_OF_ONE; i++) {
            wrong("operator", "guess " + i, "a");
        }
        limited("operator", "another guess", "a");
        limited("operator", "s3cret", "a");
        assertThat(compared).hasValue(FailedLogins.BURST_OF_ONE);
        right("b");
        right("a");         // remembered by now
        pass(FailedLogins.OF_ONE);
        wrong("operator", "another guess", "a");
        limited("operator", "yet another", "a");
    }

    @Test
    void allTogetherAreSlowedToo() {
        for (int i = 0; i < FailedLogins.BURST_OF_ALL; i++) {
            wrong("operator", "guess", "address " + i);
        }
        limited("operator", "guess", "one more address");
        pass(Duration.ofMillis(250));
        wrong("operator", "guess", "one more address");
        for (int i = 0; i < 5_000; i++) {
            limited("operator", "guess", "address of many " + i);
        }
        assertThat(compared).hasValue(FailedLogins.BURST_OF_ALL + 1);
    }

    @Test
    void oneIsComparedAtATime() throws InterruptedException {
        ExecutorService clients = Executors.newFixedThreadPool(16);
        CountDownLatch start = new CountDownLatch(1);
        for (int i = 0; i < 16; i++) {
            String address = "address " + i;
            clients.submit(() -> {
                start.await();
                wrong("operator", "guess", address);
                return null;
            });
        }
        start.countDown();
        clients.shutdown();
        assertThat(clients.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertThat(compared).hasValue(16);
        assertThat(mostAtOnce).hasValue(1);
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void failuresAreCountedAndLoggedOnceAMinute(CapturedOutput log) {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        failures.bindTo(meters);
        for (int i = 0; i < FailedLogins.BURST_OF_ONE; i++) {
            wrong("operator", "my-guess", "192.0.2.7");
        }
        limited("operator", "my-guess", "192.0.2.7");
        assertThat(meters.get("shopbridge.logins.failed").tag("why", "wrong").functionCounter().count())
                .isEqualTo(FailedLogins.BURST_OF_ONE);
        assertThat(meters.get("shopbridge.logins.failed").tag("why", "limited").functionCounter().count()).isOne();
        assertThat(log.getAll()).containsOnlyOnce("1 with a wrong name or password, and 0 answered")
                .doesNotContain("my-guess", "192.0.2.7");
        pass(Duration.ofMinutes(1));
        wrong("operator", "my-guess", "192.0.2.7");
        assertThat(log.getAll()).containsOnlyOnce("5 with a wrong name or password, and 1 answered");
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private void right(String address) {
        assertThat(login.authenticate(token("operator", "s3cret", address)).isAuthenticated()).isTrue();
    }

    private void wrong(String name, String password, String address) {
        assertThatThrownBy(() -> login.authenticate(token(name, password, address)))
                .isInstanceOf(BadCredentialsException.class).hasMessage("Wrong name or password");
    }

    private void limited(String name, String password, String address) {
        assertThatThrownBy(() -> login.authenticate(token(name, password, address)))
                .isInstanceOfSatisfying(LoginsLimited.class, e -> assertThat(e.retryAfter()).isPositive());
    }

    private static UsernamePasswordAuthenticationToken token(String name, String password, String address) {
        var token = UsernamePasswordAuthenticationToken.unauthenticated(name, password);
        token.setDetails(new WebAuthenticationDetails(address, null));
        return token;
    }
}
