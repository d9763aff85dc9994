using System.Globalization;
using Spectre.Console;
using Starling.Apps.Exchange.Client.Model;

namespace Starling.Apps.Exchange.Client.View;

/// <summary>How numbers, times and states are written, in the markup of Spectre.Console.</summary>
internal static class Words
{
    public static string Shares(long shares) => shares.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>All decimals that there are, and two at least: a price is not rounded.</summary>
    public static string Price(decimal price) => price.ToString("#,##0.00##", CultureInfo.InvariantCulture);

    public static string Time(DateTimeOffset? time) => time is { } known ? known.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture) : "-";

    /// <summary>Ups are green and downs are red.</summary>
    public static string Change(decimal percent) => percent switch
    {
        > 0 => string.Create(CultureInfo.InvariantCulture, $"[green]+{percent:N2}%[/]"),
        < 0 => string.Create(CultureInfo.InvariantCulture, $"[red]{percent:N2}%[/]"),
        _ => "0.00%",
    };

    public static string Link(ClientStatus status) => status.Link switch
    {
        LinkState.Connected => "[green]connected[/]",
        LinkState.Connecting => "[yellow]connecting[/]",
        LinkState.Refused => $"[red]refused: {Markup.Escape(status.Problem ?? "")}[/]",
        _ => "[red]lost, reconnecting[/]",
    };

    public static string Feed(ClientStatus status)
    {
        var color = status.Feed == "live" ? "green" : "yellow";
        var gaps = status.Recovered + status.Lost == 0 ? "" : $", {status.Recovered} recovered, {status.Lost} lost";
        return $"feed [{color}]{Markup.Escape(status.Feed)}[/]{gaps}{(status.IsStale ? " [black on yellow] STALE [/]" : "")}";
    }

    public static string Side(bool isBuy) => isBuy ? "[green]BUY [/]" : "[red]SELL[/]";
}
