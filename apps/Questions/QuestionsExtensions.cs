using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Starling.Server.Channels;

namespace Starling.Apps.Questions;

/// <summary>Adds the question board to an application.</summary>
public static class QuestionsExtensions
{
    private const string FollowersPolicy = "Questions.Followers";

    /// <summary>Registers the board. Needs <c>AddChannels</c> too.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="path">The file in which the board is kept.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddQuestions(this IServiceCollection services, string path)
    {
        services.AddSingleton(provider => new Board(
            path, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Board>>()));
        services.AddSingleton<Visitors>();
        services.AddSingleton<QuestionsApi>();

        // Answers are private updates: the hub asks who follows. Everything else on it stays public, unless the application says otherwise.
        services.AddHttpContextAccessor();
        services.AddSingleton<IAuthorizationHandler, FollowersHandler>();
        services.AddAuthorizationBuilder().AddPolicy(FollowersPolicy, policy => policy.AddRequirements(new FollowersRequirement()));
        services.PostConfigure<ChannelOptions>(options =>
        {
            options.SubscribePolicy ??= FollowersPolicy;
            options.AllowAnonymousSubscribers ??= true;
        });
        return services;
    }

    /// <summary>Serves the board's API under <c>/questions/api</c>.</summary>
    /// <param name="endpoints">The application's routes.</param>
    /// <returns>The same routes.</returns>
    public static IEndpointRouteBuilder MapQuestions(this IEndpointRouteBuilder endpoints)
    {
        var api = endpoints.ServiceProvider.GetRequiredService<QuestionsApi>();
        const string Questions = "/questions/api/questions";
        endpoints.MapGet(Questions, (RequestDelegate)api.ListAsync);
        endpoints.MapPost(Questions, (RequestDelegate)api.AskAsync);
        endpoints.MapGet(Questions + "/{id:long}", (RequestDelegate)(context => api.FindAsync(context, Id(context))));
        endpoints.MapPost(Questions + "/{id:long}/answers", (RequestDelegate)(context => api.AnswerAsync(context, Id(context))));
        endpoints.MapPut(Questions + "/{id:long}/follow", (RequestDelegate)(context => api.FollowAsync(context, Id(context), isFollowed: true)));
        endpoints.MapDelete(Questions + "/{id:long}/follow", (RequestDelegate)(context => api.FollowAsync(context, Id(context), isFollowed: false)));
        return endpoints;
    }

    private static long Id(HttpContext context) =>
        long.Parse((string)context.Request.RouteValues["id"]!, System.Globalization.CultureInfo.InvariantCulture);
}
