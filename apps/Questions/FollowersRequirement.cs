using Microsoft.AspNetCore.Authorization;

namespace Starling.Apps.Questions;

/// <summary>Only followers of a question get its answers.</summary>
internal sealed class FollowersRequirement : IAuthorizationRequirement;
