package io.shopbridge.operate;

import io.shopbridge.start.StartRefused;
import jakarta.servlet.DispatcherType;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.util.matcher.NegatedRequestMatcher;
import org.springframework.security.web.util.matcher.OrRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.util.StringUtils;

/**
 * All requests need the operator's password, except webhooks (their signature is checked at the endpoint) and health.
 * These two pass no security filter: thousands of webhooks a second don't need one.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
public class Security {

    private static final RequestMatcher OPEN = new OrRequestMatcher(
            under("/webhooks"), under("/actuator/health"));

    /** Compares whole path segments of the decoded path; /webhooksomething is not under /webhooks. */
    private static RequestMatcher under(String root) {
        return request -> {
            String path = request.getServletPath() + (request.getPathInfo() == null ? "" : request.getPathInfo());
            return path.equals(root) || path.startsWith(root + "/");
        };
    }

    @Bean
    SecurityFilterChain locked(HttpSecurity http) throws Exception {
        return stateless(http)
                .authorizeHttpRequests(requests -> requests
                        // The answer to a webhook that failed is an ERROR dispatch, and must not become a 401.
                        .dispatcherTypeMatchers(DispatcherType.ERROR).permitAll()
                        .anyRequest().authenticated())
                .httpBasic(basic -> basic.authenticationEntryPoint(new LoginRefused("Shopbridge")))
                .build();
    }

    /** For every chain: no session, and protection against cross-site requests. */
    public static HttpSecurity stateless(HttpSecurity http) throws Exception {
        return http.securityMatcher(new NegatedRequestMatcher(OPEN))
                .csrf(AbstractHttpConfigurer::disable)      // CrossOriginFilter does it without a session
                .addFilterBefore(new CrossOriginFilter(), AuthorizationFilter.class)
                .addFilterAfter(new NoErrorPage(), AuthorizationFilter.class)
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .requestCache(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .anonymous(Customizer.withDefaults());
    }

    /** @throws StartRefused if there is none: the API must not be public, and a default would be no protection */
    @Bean
    AuthenticationProvider operatorLogin(OperatorSettings settings, FailedLogins failedLogins) {
        if (!StringUtils.hasText(settings.password())) {
            throw new StartRefused("No operator password is set: without one, the console, the API and the metrics"
                    + " would be public.", "Set the environment variable SHOPBRIDGE_OPERATOR_PASSWORD (plain, or"
                    + " {bcrypt}…).");
        }
        OperatorPassword passwords = new OperatorPassword();
        passwords.check(settings.password());
        return new OperatorLogin(settings, passwords, failedLogins, System::nanoTime);
    }

    @Bean
    FailedLogins failedLogins() {
        return new FailedLogins(System::nanoTime);
    }
}
