/// What the stages of a yearly plan are called (domain.md section 3), by their names in its data.
package enum PlanStages {
    /// A stage that is not known here goes by the name that its plan gives it.
    package static func label(of id: String) -> Label { labels[id] ?? Label(id, id) }

    private static let labels = [
        "plan": Label("印发方案", "plan issued"), "training": Label("部署培训", "briefing and training"),
        "management": Label("动态管理和信息采集", "management and collection"), "preparation": Label("动态准备", "preparation"),
        "analysis": Label("贫情分析", "poverty analysis"), "survey": Label("实地调查和信息采集", "survey and collection"),
        "geolocation": Label("地理信息采集", "geolocation"), "entry": Label("数据录入", "data entry"),
        "verification": Label("部门复核", "department verification"), "review": Label("内部评议和公开评议", "internal and public review"),
        "initial_decision": Label("初定", "initial decision"), "community_publicity": Label("社区公示", "community publicity"),
        "resolution": Label("居民代表议定", "representatives' resolution"), "approval": Label("街道复核审定", "re-check and approval"),
        "subdistrict_publicity": Label("街道公示", "subdistrict publicity"), "summary": Label("工作总结", "summary"),
    ]
}
