using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Starling.Worker.Draining;

namespace Starling.Worker.Tests;

/// <summary>Signals come at any time, and on threads where an exception ends the process.</summary>
public sealed class SignalTests
{
    [Fact]
    public async Task A_signal_after_the_end_of_the_host_does_nothing()
    {
        var app = Build();
        var drain = app.Services.GetRequiredService<Drain>();
        await app.DisposeAsync();

        Assert.Null(Record.Exception(drain.Begin));
        Assert.Null(Record.Exception(drain.Hurry));
    }

    [Fact]
    public async Task Code_of_the_application_that_fails_at_the_drain_does_not_stop_it()
    {
        await using var app = Build();
        var drain = app.Services.GetRequiredService<Drain>();
        drain.Draining.Register(() => throw new InvalidOperationException("The application's own fault."));

        Assert.Null(Record.Exception(drain.Begin));
        Assert.True(app.Lifetime.ApplicationStopping.IsCancellationRequested);
    }

    private static WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.UseStarlingWorker();
        return builder.Build();
    }
}
