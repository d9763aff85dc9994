using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Starling.Worker.Draining;

/// <summary>Stands before all other middleware: knows which requests run and, during the drain, says in each answer that the connection closes.</summary>
internal sealed class DrainMiddleware(OpenConnections connections) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(inner => context => InvokeAsync(context, inner));
        next(app);
    };

    private async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var connection = connections.Begin(context);
        try
        {
            // Asked when the answer begins, since the drain may have begun by then.
            context.Response.OnStarting(static state => ((DrainMiddleware, HttpContext, OpenConnection?))state is var (self, context, connection)
                ? self.OnAnswer(context, connection) : Task.CompletedTask, (this, context, connection));
            await next(context);
        }
        finally
        {
            connections.End(connection);
        }
    }

    private Task OnAnswer(HttpContext context, OpenConnection? connection)
    {
        if (context.Response.StatusCode == StatusCodes.Status101SwitchingProtocols)
        {
            connection?.Upgraded();
        }
        else if (connections.IsDraining)
        {
            if (connection is { IsMultiplexed: true })
            {
                connection.RequestClose();
            }
            else
            {
                context.Response.Headers.Connection = "close";
            }
        }

        return Task.CompletedTask;
    }
}
