package io.shopbridge.operate;

import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import org.apache.commons.codec.digest.HmacAlgorithms;
import org.apache.commons.codec.digest.HmacUtils;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.crypto.keygen.KeyGenerators;
import org.springframework.security.web.authentication.WebAuthenticationDetails;

/**
 * Checks the operator's name and password at a bounded cost. HTTP Basic sends them with every request, and a comparison
 * with a hashed password is slow on purpose. So a good login is cached for a while, as a digest with a key of this
 * process; others are compared one at a time, and only as many as {@link FailedLogins} allows. A wrong name takes
 * exactly as long as a wrong password, so that the time does not reveal which of the two was wrong.
 */
final class OperatorLogin implements AuthenticationProvider {

    static final Duration REMEMBERED = Duration.ofMinutes(5);

    private static final int KEY_BYTES = 32;
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private record Remembered(byte[] digest, long until) {
    }

    private final OperatorSettings settings;
    private final OperatorPassword passwords;
    private final FailedLogins failures;
    private final LongSupplier clock;
    private final byte[] key;
    private final Semaphore comparing = new Semaphore(1);
    private volatile Remembered good;

    /** @param clock in nanoseconds, as {@link System#nanoTime()} */
    OperatorLogin(OperatorSettings settings, OperatorPassword passwords, FailedLogins failures, LongSupplier clock) {
        this.settings = settings;
        this.passwords = passwords;
        this.failures = failures;
        this.clock = clock;
        this.key = KeyGenerators.secureRandom(KEY_BYTES).generateKey();
    }

    @Override
    public boolean supports(Class<?> authentication) {
        return UsernamePasswordAuthenticationToken.class.isAssignableFrom(authentication);
    }

    /** @throws LoginsLimited if too many failed before it */
    @Override
    public Authentication authenticate(Authentication login) {
        String name = login.getName();
        String password = Objects.toString(login.getCredentials(), "");
        byte[] digest = digest(name, password);
        Remembered remembered = good;
        boolean known = remembered != null && clock.getAsLong() - remembered.until() < 0
                && MessageDigest.isEqual(digest, remembered.digest());
        if (!known) {
            String address = address(login);
            failures.begin(address);
            if (!compare(name, password)) {
                failures.failed();
                throw new BadCredentialsException("Wrong name or password");
            }
            failures.succeeded(address);
        }
        good = new Remembered(digest, clock.getAsLong() + REMEMBERED.toNanos());
        var operator = UsernamePasswordAuthenticationToken.authenticated(settings.username(), null,
                List.of(new SimpleGrantedAuthority("ROLE_OPERATOR")));
        operator.setDetails(login.getDetails());
        return operator;
    }

    private boolean compare(String name, String password) {
        try {
            if (!comparing.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw failures.limited(PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failures.limited(PATIENCE);
        }
        try {
            boolean right = passwords.matches(password, settings.password());
            // Both, whatever the first says.
            return right & OperatorPassword.equal(name, settings.username());
        } finally {
            comparing.release();
        }
    }

    private static String address(Authentication login) {
        return login.getDetails() instanceof WebAuthenticationDetails details ? details.getRemoteAddress() : "";
    }

    private byte[] digest(String name, String password) {
        return new HmacUtils(HmacAlgorithms.HMAC_SHA_256, key).hmac(name + '\0' + password);
    }
}
