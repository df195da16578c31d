package io.shopbridge.operate;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import org.springframework.security.crypto.password.PasswordEncoder;

/** Compares with a password from the settings, which is plain unless it names its hash: {@code {bcrypt}…}. */
class OperatorPassword implements PasswordEncoder {

    private final PasswordEncoder hashed = PasswordEncoderFactories.createDelegatingPasswordEncoder();

    @Override
    public String encode(CharSequence password) {
        return hashed.encode(password);
    }

    @Override
    public boolean matches(CharSequence given, String configured) {
        if (configured.startsWith("{")) {
            return hashed.matches(given, configured);
        }
        return MessageDigest.isEqual(given.toString().getBytes(StandardCharsets.UTF_8),
                configured.getBytes(StandardCharsets.UTF_8));
    }
}
