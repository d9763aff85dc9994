using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Starling.Apps.Ticker;

/// <summary>Adds the ticker to an application.</summary>
public static class TickerExtensions
{
    /// <summary>Registers the ticker. Needs <c>AddChannels</c> too. An <see cref="IQuoteSource"/> that is registered before is used.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="options">Where quotes come from; without an address a simulated market.</param>
    /// <param name="seed">The seed of the simulated market.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddTicker(this IServiceCollection services, HttpQuoteOptions options, int seed)
    {
        services.TryAddSingleton<IQuoteSource>(provider =>
        {
            var time = provider.GetRequiredService<TimeProvider>();
            return options.Url is null ? new SimulatedMarket(seed, time) : new HttpQuoteSource(options, new SocketsHttpHandler(), time);
        });
        services.AddSingleton<QuoteBoard>();
        services.AddHostedService<QuoteFeed>();
        return services;
    }

    /// <summary>Serves the ticker's API under <c>/ticker/api</c>.</summary>
    /// <param name="endpoints">The application's routes.</param>
    /// <returns>The same routes.</returns>
    public static IEndpointRouteBuilder MapTicker(this IEndpointRouteBuilder endpoints)
    {
        var board = endpoints.ServiceProvider.GetRequiredService<QuoteBoard>();
        endpoints.MapGet("/ticker/api/symbols", (RequestDelegate)(context =>
            context.Response.WriteAsJsonAsync(new SymbolList(board.Symbols), TickerJson.Default.SymbolList, cancellationToken: context.RequestAborted)));
        endpoints.MapGet("/ticker/api/quote", (RequestDelegate)(context => QuoteAsync(context, board)));
        return endpoints;
    }

    private static async Task QuoteAsync(HttpContext context, QuoteBoard board)
    {
        var symbol = context.Request.Query["symbol"].ToString();
        QuoteAnswer answer;
        if (board.IsKnown(symbol))
        {
            answer = await board.GetAsync(symbol, context.RequestAborted);
            context.Response.StatusCode = answer.Error is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        }
        else
        {
            answer = new QuoteAnswer(null, "There is no such symbol.", CallIn: null);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }

        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(answer, TickerJson.Default.QuoteAnswer, cancellationToken: context.RequestAborted);
    }
}
