using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Starling.Protocol;

namespace Starling.Supervisor;

/// <summary>Settings of a supervisor.</summary>
public sealed class SupervisorOptions
{
    /// <summary>Its folder; null for <c>$STARLING_HOME</c>, or else <c>~/.starling</c>.</summary>
    public string? Folder { get; set; }

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Where the supervisor itself logs.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>The application's meter factory; without one the meter, <c>Starling.Supervisor</c>, is the supervisor's own.</summary>
    public IMeterFactory? MeterFactory { get; set; }

    /// <summary>Time between two looks at what processes use, 2 s: memory limits are checked as often.</summary>
    public TimeSpan MonitorInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long applications wait for those that they depend on: 60 s.</summary>
    public TimeSpan DependencyTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <exception cref="ArgumentException">A setting cannot work.</exception>
    internal void Check()
    {
        foreach (var (name, value) in new[] { (nameof(MonitorInterval), MonitorInterval), (nameof(DependencyTimeout), DependencyTimeout) })
        {
            if (!TimerLimits.IsPositive(value))
            {
                throw new ArgumentException($"{name} is {value}; it must be more than zero and at most {TimerLimits.Longest.Days} days.");
            }
        }
    }
}
