package io.shopbridge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecureAddressTest {

    @ParameterizedTest
    @ValueSource(strings = {"https://api.example.com", "HTTPS://api.example.com/v1", "http://localhost:8181",
        "http://LOCALHOST/x", "http://127.0.0.1", "http://127.9.8.7:1/", "http://[::1]:80", "HTTP://127.0.0.1"})
    void acceptsFilesThatOnlyTheOwnerCanRead(String url) {
        assertThat(SecureAddress.fault(url)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://api.example.com", "HTTP://api.example.com", "http://localhost.example.com",
        "http://127.0.0.1.example.com", "http://localhost@example.com", "http://example.com#@localhost",
        "http://0.0.0.0", "http://10.0.0.1", "http://[::]", "http://[2001:db8::1]", "http://2130706433",
        "http://127.1.example", "http://0x7f000001", "http://local%68ost", "ftp://localhost", "//localhost",
        "localhost:8181", "/v1", "", " ", "https://", "https:/one.slash", "https://user:s3cret@example.com",
        "https://s3cret@example.com", "file:///etc/passwd", "http://postgres:5432"})
    void refusesEverythingElseWithoutRepeatingASecret(String url) {
        assertThat(SecureAddress.fault(url)).hasValueSatisfying(fault -> assertThat(fault).doesNotContain("s3cret"));
        assertThatThrownBy(() -> SecureAddress.check("shopbridge.x.url", url)).isInstanceOf(InvalidSettings.class)
                .hasMessageStartingWith("shopbridge.x.url: ").hasMessageEndingWith(SecureAddress.ADVICE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://example.com", "http://10.0.0.1", "jdbc:postgresql://localhost/x", "localhost", ""})
    void otherMachinesAreNotLoopback(String url) {
        assertThat(SecureAddress.isLoopbackUrl(url)).isFalse();
    }
}
