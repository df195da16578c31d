package io.shopbridge.operate;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Arrays;
import java.util.Set;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Refuses parameters of calls that take none: {@code ?dry_run=true} of what has it in its body would start a real one.
 * Calls that take some look at their request themselves.
 */
@Configuration(proxyBeanMethods = false)
class NoParameters implements WebMvcConfigurer, HandlerInterceptor {

    private static final String API = "/api/v1/**";

    @Override
    public void addInterceptors(InterceptorRegistry interceptors) {
        interceptors.addInterceptor(this).addPathPatterns(API);
    }

    /** Only of the address: the parameters of a form would be read from a body that is none. */
    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (request.getQueryString() != null && handler instanceof HandlerMethod method && !looksItself(method)) {
            Parameters.check(request, Set.of());
        }
        return true;
    }

    private static boolean looksItself(HandlerMethod method) {
        return Arrays.asList(method.getMethod().getParameterTypes()).contains(HttpServletRequest.class);
    }
}
