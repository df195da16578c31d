package io.shopbridge.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.operate.Security;
import jakarta.servlet.Filter;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.security.servlet.SecurityAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.test.context.ConfigDataApplicationContextInitializer;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class OpenToEverybodyTest {

    private final WebApplicationContextRunner context = new WebApplicationContextRunner()
            .withInitializer(new ConfigDataApplicationContextInitializer())
            .withUserConfiguration(OpenToEverybody.class, Security.class, Settings.class)
            .withConfiguration(AutoConfigurations.of(SecurityAutoConfiguration.class));

    @Test
    void theSandboxNeedsNoPassword() {
        context.withPropertyValues("spring.profiles.active=sandbox")
                .run(app -> assertThat(statusFor(app.getBean("springSecurityFilterChain", Filter.class))).isEqualTo(200));
    }

    @Test
    void onlyTheSandbox() {
        context.withPropertyValues("shopbridge.operator.password=s3cret")
                .run(app -> assertThat(statusFor(app.getBean("springSecurityFilterChain", Filter.class))).isEqualTo(401));
    }

    private static int statusFor(Filter filters) throws Exception {
        MockHttpServletRequest request = new MockHttpServletRequest("GET", "/api/v1/status");
        request.setServletPath("/api/v1/status");
        MockHttpServletResponse response = new MockHttpServletResponse();
        filters.doFilter(request, response, new MockFilterChain());
        return response.getStatus();
    }

    @ConfigurationPropertiesScan("io.shopbridge.operate")
    static class Settings {
    }
}
