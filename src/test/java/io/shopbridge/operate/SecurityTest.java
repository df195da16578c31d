package io.shopbridge.operate;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.start.StartRefused;
import io.shopbridge.start.StartRefusedAnalyzer;
import jakarta.servlet.Filter;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.security.servlet.SecurityAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import org.springframework.security.core.userdetails.UserDetailsService;

class SecurityTest {

    private final WebApplicationContextRunner context = new WebApplicationContextRunner()
            .withUserConfiguration(Security.class, Settings.class)
            .withConfiguration(AutoConfigurations.of(SecurityAutoConfiguration.class));

    @Test
    void doesNotStartWithoutAPassword() {
        context.withPropertyValues("shopbridge.operator.password=").run(app -> {
            assertThat(app).getFailure().rootCause().isInstanceOf(StartRefused.class);
            assertThat(new StartRefusedAnalyzer().analyze(app.getStartupFailure()).getAction())
                    .contains("SHOPBRIDGE_OPERATOR_PASSWORD").doesNotContainIgnoringCase("sandbox");
        });
    }

    @Test
    void anUnknownHashIsRefusedAtTheStart() {
        context.withPropertyValues("shopbridge.operator.password={rot13}s3cret").run(app ->
                assertThat(app).getFailure().rootCause().hasMessageContaining("write {bcrypt} and the hash")
                        .hasMessageNotContaining("s3cret"));
    }

    /** An image is without the classes of the sandbox, and so without what opens it to everybody. */
    @Test
    void theProfileSandboxAloneOpensNothing() {
        context.withPropertyValues("spring.profiles.active=sandbox").run(app ->
                assertThat(app).getFailure().rootCause().isInstanceOf(StartRefused.class));
        context.withPropertyValues("spring.profiles.active=sandbox", "shopbridge.operator.password=s3cret")
                .run(app -> assertThat(answerTo(app, "/api/v1/status")).isEqualTo(401));
    }

    /** 200 where every filter let it through. */
    private static int answerTo(BeanFactory app, String path) throws Exception {
        MockHttpServletRequest request = new MockHttpServletRequest("GET", path);
        request.setServletPath(path);
        MockHttpServletResponse response = new MockHttpServletResponse();
        app.getBean("springSecurityFilterChain", Filter.class).doFilter(request, response, new MockFilterChain());
        return response.getStatus();
    }

    @Test
    void commandsNeedNoPassword() {
        new ApplicationContextRunner().withUserConfiguration(Security.class, Settings.class)
                .run(app -> assertThat(app).hasNotFailed().doesNotHaveBean(UserDetailsService.class));
    }

    @Test
    void aPasswordIsPlainOrNamesItsHash() {
        OperatorPassword password = new OperatorPassword();
        assertThat(password.matches("s3cret", "s3cret")).isTrue();
        assertThat(password.matches("wrong", "s3cret")).isFalse();
        String hashed = PasswordEncoderFactories.createDelegatingPasswordEncoder().encode("s3cret");
        assertThat(hashed).startsWith("{bcrypt}");
        assertThat(password.matches("s3cret", hashed)).isTrue();
        assertThat(password.matches("wrong", hashed)).isFalse();
        assertThat(new OperatorSettings("operator", "s3cret").toString()).doesNotContain("s3cret");
    }

    @EnableConfigurationProperties(OperatorSettings.class)
    static class Settings {
    }
}
