package io.shopbridge.database;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.autoconfigure.jdbc.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/**
 * Provides an embedded PostgreSQL if none is configured. It only provides the address of the database: the pool and the
 * migrations are Boot's own, and wait for it because they ask for the address.
 */
@Configuration(proxyBeanMethods = false)
class DatabaseConfiguration {

    private static final String BINARIES = "io.zonky.test.db.postgres.embedded.EmbeddedPostgres";

    @Configuration(proxyBeanMethods = false)
    @Conditional(NoUrl.class)
    @ConditionalOnClass(name = BINARIES)
    static class Embedded {

        @Bean
        static EarlyStart embeddedServerStart(Environment environment) {
            return new EarlyStart(environment);
        }

        @Bean
        EmbeddedServer embeddedServer(EarlyStart start) {
            return start.server();
        }
    }

    /** The container image leaves the binaries out. */
    @Configuration(proxyBeanMethods = false)
    @Conditional(NoUrl.class)
    @ConditionalOnMissingClass(BINARIES)
    static class Nowhere {

        @Bean
        JdbcConnectionDetails nowhere() {
            throw new DatabaseUnusable("No database is configured, and this image contains none.",
                    "Set SPRING_DATASOURCE_URL (jdbc:postgresql://host:5432/shopbridge), SPRING_DATASOURCE_USERNAME"
                            + " and SPRING_DATASOURCE_PASSWORD.");
        }
    }

    static class NoUrl extends SpringBootCondition {

        @Override
        public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
            boolean url = StringUtils.hasText(context.getEnvironment().getProperty("spring.datasource.url"));
            return new ConditionOutcome(!url, ConditionMessage.forCondition("spring.datasource.url")
                    .because(url ? "is set" : "is absent"));
        }
    }
}
